package io.residua.common.streams;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jboss.logging.Logger;

/**
 * Replaces a stream thread that has failed, up to a number of times within a window. One failure more shuts the client
 * down, because a cause that returns that often needs more than a new thread. Liveness then reports the error state.
 */
public final class ThreadReplacement implements StreamsUncaughtExceptionHandler {
    private static final Logger LOG = Logger.getLogger(ThreadReplacement.class);

    private final String application;
    private final Limit limit;
    private final LongSupplier nanoTime;
    private final Deque<Long> failures = new ArrayDeque<>();

    /** How many threads may be replaced within a window. */
    public record Limit(int maxReplacements, Duration window) {}

    /**
     * @param application application id, for the log
     * @param nanoTime the time in nanoseconds, such as {@link System#nanoTime}
     */
    public ThreadReplacement(String application, Limit limit, LongSupplier nanoTime) {
        this.application = application;
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
        long now = nanoTime.getAsLong();
        while (!failures.isEmpty() && now - failures.peek() > limit.window().toNanos()) {
            failures.poll();
        }
        failures.add(now);
        if (failures.size() > limit.maxReplacements()) {
            LOG.errorf(failure, "stream client shut down application=%s failures=%d", application, failures.size());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.warnf(failure, "stream thread replaced application=%s failures=%d", application, failures.size());
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
}
