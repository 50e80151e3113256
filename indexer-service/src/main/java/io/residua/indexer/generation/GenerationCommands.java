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

/** Hands what people ask for to the control loop's thread. Thread-safe. */
final class GenerationCommands {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Queue<Command> queue = new ConcurrentLinkedQueue<>();
    private final Duration timeout;

    /** What is asked for, and where its answer goes. */
    private record Command(
            Function<GenerationControl, Optional<String>> action, CompletableFuture<Optional<String>> answer) {}

    GenerationCommands() {
        this(TIMEOUT);
    }

    /** Commands that are given up after {@code timeout}. */
    GenerationCommands(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Has a command done and waits for its answer.
     *
     * @throws IllegalStateException if it fails or is not done in time; it is not done later then
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

    /** Does what has been asked for. */
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
