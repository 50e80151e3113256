package io.residua.trainer.job;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/** The name a replica keeps over restarts: drawn once, kept in its folder. */
final class ReplicaId {
    private ReplicaId() {}

    static String of(Path folder) throws IOException {
        Path file = Files.createDirectories(folder).resolve("replica-id");
        if (!Files.exists(file)) {
            DurableFiles.replace(file, ("trainer-" + UUID.randomUUID()).getBytes(StandardCharsets.UTF_8));
        }
        return Files.readString(file).strip();
    }
}
