package io.residua.indexer.generation;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends the broker a request every second and remembers when it answered. It is needed because Kafka's clients retry
 * silently while a broker is unreachable. Thread-safe.
 */
final class BrokerHeartbeat implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** The broker counts as unreachable when its last answer is older. */
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

    /** {@code nanoTime} is the clock, {@link System#nanoTime} in production. */
    BrokerHeartbeat(Probe probe, LongSupplier nanoTime) {
        this.probe = probe;
        this.nanoTime = nanoTime;
    }

    void start() {
        thread.scheduleWithFixedDelay(this::beat, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sends one request. */
    void beat() {
        try {
            probe.ask();
            onAnswer();
        } catch (RuntimeException e) {
            // No answer: isAnswering notices when the last one is too old.
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

    /** Whether the last answer is recent. */
    synchronized boolean isAnswering() {
        return isAnswering(nanoTime.getAsLong());
    }

    /** Whether the broker has answered without a gap for at least this time. */
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
