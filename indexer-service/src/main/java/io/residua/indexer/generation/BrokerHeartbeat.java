package io.residua.indexer.generation;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Asks the broker for a sign of life every second and remembers when it answered. Kafka's clients retry in silence while
 * a broker is away, so that none of them can tell. Thread-safe.
 */
final class BrokerHeartbeat implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** The broker is away once its last answer is so old. */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(8);

    private final Probe probe;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "broker-heartbeat");
        made.setDaemon(true);
        return made;
    });
    private boolean answered;
    private long lastAnswer;
    private long answeringSince;

    /** One request to the broker. */
    interface Probe extends AutoCloseable {
        /** Returns when the broker has answered; throws if it does not within seconds. */
        void ask();

        @Override
        void close();
    }

    /** {@code nanoTime} is the clock, {@link System#nanoTime} outside tests. */
    BrokerHeartbeat(Probe probe, LongSupplier nanoTime) {
        this.probe = probe;
        this.nanoTime = nanoTime;
    }

    void start() {
        thread.scheduleWithFixedDelay(this::beat, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Asks once. */
    void beat() {
        try {
            probe.ask();
            onAnswer();
        } catch (RuntimeException e) {
            // Silence is noticed by its length.
        }
    }

    private synchronized void onAnswer() {
        long now = nanoTime.getAsLong();
        if (!isAnswering(now)) {
            answeringSince = now;
        }
        answered = true;
        lastAnswer = now;
    }

    /** Whether the broker has answered within seconds. */
    synchronized boolean isAnswering() {
        return isAnswering(nanoTime.getAsLong());
    }

    /** Whether the broker has answered all the time for so long. */
    synchronized boolean hasAnsweredFor(Duration time) {
        long now = nanoTime.getAsLong();
        return isAnswering(now) && now - answeringSince >= time.toNanos();
    }

    private boolean isAnswering(long now) {
        return answered && now - lastAnswer <= MAX_SILENCE.toNanos();
    }

    @Override
    public void close() {
        thread.shutdownNow();
        probe.close();
    }
}
