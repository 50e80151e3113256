package io.residua.indexer.generation;

import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Queues REST commands for the control loop's thread. Thread-safe. */
final class GenerationCommands {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Queue<Command> queue = new ConcurrentLinkedQueue<>();
    private final Duration timeout;

    /** A command and the future of its reply. */
    private record Command(
            Function<GenerationControl, Optional<String>> action, CompletableFuture<Optional<String>> answer) {}

    GenerationCommands() {
        this(TIMEOUT);
    }

    /** Commands that fail after {@code timeout}. */
    GenerationCommands(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Queues a command and waits for its reply.
     *
     * @throws IllegalStateException if it fails or does not run in time; then it does not run later either
     */
    Optional<String> submit(Function<GenerationControl, Optional<String>> action) {
        Command command = new Command(action, new CompletableFuture<>());
        queue.add(command);
        try {
            return command.answer().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("this replica is busy or has no connection to the broker", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            queue.remove(command);
        }
    }

    /** Runs the queued commands. */
    void run(GenerationControl control) {
        for (Command command = queue.poll(); command != null; command = queue.poll()) {
            try {
                command.answer().complete(command.action().apply(control));
            } catch (RuntimeException e) {
                command.answer().completeExceptionally(e);
            }
        }
    }
}
