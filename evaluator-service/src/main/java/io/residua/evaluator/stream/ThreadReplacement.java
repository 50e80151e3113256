package io.residua.evaluator.stream;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jboss.logging.Logger;

/**
 * Replaces a stream thread that died, which is what most failures need. A thread that dies for the sixth time within ten
 * minutes will not recover by itself: the client ends in error, and liveness says so.
 */
final class ThreadReplacement implements StreamsUncaughtExceptionHandler {
    static final int LIMIT = 5;
    static final Duration WINDOW = Duration.ofMinutes(10);

    private static final Logger LOG = Logger.getLogger(ThreadReplacement.class);

    private final String application;
    private final InstantSource clock;
    private final Deque<Instant> deaths = new ArrayDeque<>();

    ThreadReplacement(String application, InstantSource clock) {
        this.application = application;
        this.clock = clock;
    }

    @Override
    public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
        Instant now = clock.instant();
        while (!deaths.isEmpty() && deaths.peekFirst().isBefore(now.minus(WINDOW))) {
            deaths.removeFirst();
        }
        deaths.addLast(now);
        if (deaths.size() > LIMIT) {
            LOG.errorf(failure, "stream client given up application=%s deaths=%d", application, deaths.size());
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.warnf(failure, "stream thread replaced application=%s deaths=%d", application, deaths.size());
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
}
