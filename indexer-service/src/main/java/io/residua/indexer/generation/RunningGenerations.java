package io.residua.indexer.generation;

import io.residua.indexer.metrics.IndexerMeters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The generations that run on this replica. Changed by one thread, read by any. */
final class RunningGenerations {
    private final IndexerMeters meters;
    private volatile List<Generation> all = List.of();
    private volatile String expected;

    RunningGenerations(IndexerMeters meters) {
        this.meters = meters;
    }

    /** All generations in the order of opening. */
    List<Generation> all() {
        return all;
    }

    /** Their versions. */
    Set<String> versions() {
        return all.stream().map(Generation::modelVersion).collect(Collectors.toSet());
    }

    /** Whether a version runs here. */
    boolean contains(String version) {
        return versions().contains(version);
    }

    /** Sets the version whose index is in use, which should run here; {@code null} if there is none. */
    void expect(String version) {
        expected = version;
    }

    /** The version whose index is in use; {@code null} if there is none. */
    String expected() {
        return expected;
    }

    void add(Generation generation) {
        List<Generation> more = new ArrayList<>(all);
        more.add(generation);
        all = List.copyOf(more);
        meters.generationOpened(generation.modelVersion(), generation.pipeline().device(), () -> generation
                .state()
                .label());
    }

    /** Closes a generation, if it runs here. */
    void close(String version) {
        List<Generation> open = all;
        all = open.stream()
                .filter(generation -> !generation.modelVersion().equals(version))
                .toList();
        for (Generation generation : open) {
            if (generation.modelVersion().equals(version)) {
                meters.generationClosed(version);
                generation.close();
            }
        }
    }
}
