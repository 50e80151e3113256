package io.residua.trainer.job;

import io.residua.common.event.Json;
import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder in which a job keeps all it needs to go on, whoever goes on with it. */
record JobFolder(Path path) {
    /** How a snapshot's matrix is called. */
    static final String EMBEDDINGS = "embeddings.npy";

    private record Crashes(int count) {}

    static JobFolder open(Path jobs, String modelVersion) throws IOException {
        return new JobFolder(Files.createDirectories(jobs.resolve(modelVersion)));
    }

    /** The snapshot's matrix. */
    Path embeddings() {
        return path.resolve(EMBEDDINGS);
    }

    /** Where the job's process works. */
    Path run() {
        return path.resolve("run");
    }

    /** Where the job's process leaves the model. */
    Path model() {
        return run().resolve("model");
    }

    /** What the job's process says beside its progress. */
    Path log() {
        return path.resolve("log");
    }

    /** How often the job's process has crashed. */
    int crashes() throws IOException {
        Path file = path.resolve("crashes.json");
        return Files.exists(file)
                ? Json.read(Files.readAllBytes(file), Crashes.class).count()
                : 0;
    }

    /** Counts a crash. */
    int addCrash() throws IOException {
        Path file = path.resolve("crashes.json");
        int count = crashes() + 1;
        DurableFiles.replace(file, Json.write(new Crashes(count)));
        return count;
    }

    /** Deletes all but the log, which says why a job has failed. */
    void deleteAllButLog() throws IOException {
        try (Stream<Path> content = Files.list(path)) {
            for (Path each : content.filter(each -> !each.equals(log())).toList()) {
                DurableFiles.deleteFolder(each);
            }
        }
    }

    void delete() throws IOException {
        DurableFiles.deleteFolder(path);
    }
}
