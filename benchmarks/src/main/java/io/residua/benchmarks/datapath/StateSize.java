package io.residua.benchmarks.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/** How many bytes the stages' state takes on disk. */
final class StateSize {
    private StateSize() {}

    /** All files below a folder, which nobody writes to. */
    static long ofFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(StateSize::size).sum();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The logs of some topics on every broker. */
    static long ofTopics(Clients clients, List<String> topics) {
        try (Admin admin = clients.admin()) {
            List<Integer> brokers = Clients.get(admin.describeCluster().nodes()).stream()
                    .map(node -> node.id())
                    .toList();
            return Clients.get(admin.describeLogDirs(brokers).allDescriptions()).values().stream()
                    .flatMap(folders -> folders.values().stream())
                    .flatMap(folder -> folder.replicaInfos().entrySet().stream())
                    .filter(replica -> topics.contains(replica.getKey().topic()))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
        }
    }
}
