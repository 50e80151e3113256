package io.residua.stack.process;

import io.residua.stack.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A file that lists the children of a supervisor. When a supervisor is killed, its children stop by themselves, but not
 * at once. The next supervisor waits for them before it opens the same files.
 */
final class OrphanedProcesses {
    private final Path file;

    OrphanedProcesses(Path file) {
        this.file = file;
    }

    /** Replaces the list by the children that run now. */
    void record(Collection<List<Child>> groups) {
        List<String> lines = groups.stream()
                .flatMap(List::stream)
                .map(child -> child.process().toHandle())
                .map(handle -> handle.pid() + " "
                        + handle.info().startInstant().orElse(Instant.EPOCH).toEpochMilli())
                .toList();
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new StackException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** Deletes the list. */
    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StackException("cannot delete " + file + ": " + e.getMessage(), e);
        }
    }

    /** Waits until all listed processes have ended. Kills those that still run after {@code timeout}. */
    void awaitEnd(Duration timeout) {
        List<ProcessHandle> running = running();
        CompletableFuture<?>[] ends =
                running.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends)
                    .orTimeout(timeout.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof TimeoutException)) {
                throw e;
            }
            running.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private List<ProcessHandle> running() {
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream()
                            .map(OrphanedProcesses::find)
                            .flatMap(Optional::stream)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new StackException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The process of a line; empty if it has ended, or if its id belongs to another process by now. */
    private static Optional<ProcessHandle> find(String line) {
        int space = line.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        Instant start = Instant.ofEpochMilli(Long.parseLong(line.substring(space + 1)));
        return ProcessHandle.of(Long.parseLong(line.substring(0, space))).filter(handle -> handle.info()
                .startInstant()
                .map(instant -> instant.toEpochMilli() == start.toEpochMilli())
                .orElse(false));
    }
}
