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
 * The children of a supervisor, on disk. Children of a supervisor that was killed end by themselves, but need a moment for
 * it; this finds them, so that nobody opens their files before.
 */
final class Leftovers {
    private final Path file;

    Leftovers(Path file) {
        this.file = file;
    }

    /** Writes down which children run now. */
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

    /** Forgets them. */
    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StackException("cannot delete " + file + ": " + e.getMessage(), e);
        }
    }

    /** Waits until none of the recorded children runs any more, and ends by force what still does after {@code patience}. */
    void awaitEnd(Duration patience) {
        List<ProcessHandle> running = running();
        CompletableFuture<?>[] ends =
                running.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends)
                    .orTimeout(patience.toSeconds(), TimeUnit.SECONDS)
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
                            .map(Leftovers::find)
                            .flatMap(Optional::stream)
                            .toList()
                    : List.of();
        } catch (IOException e) {
            throw new StackException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The process of a recorded line; empty when it is gone, or when its number was given to another one. */
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
