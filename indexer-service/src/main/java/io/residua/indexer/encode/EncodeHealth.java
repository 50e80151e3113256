package io.residua.indexer.encode;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether the encode stage works now: what it failed at, and how long its batches have waited for the broker. Thread-safe.
 */
final class EncodeHealth {
    /** A stage that has failed for so long, although it was started again and again, is reported as unhealthy. */
    static final Duration UNHEALTHY_AFTER = Duration.ofMinutes(5);
    /** A stage that fails is started again within seconds and fails again: one that has not for so long works. */
    static final Duration RECOVERED_AFTER = Duration.ofSeconds(45);
    /** The broker confirms a batch within milliseconds. */
    static final Duration MAX_UNCONFIRMED = Duration.ofSeconds(15);

    private final LongSupplier nanoTime;
    private final Map<Long, Long> unconfirmed = new HashMap<>();
    private long batches;
    private Throwable cause;
    private long failingSince;
    private long lastFailure;

    /** {@code nanoTime} is the clock, {@link System#nanoTime} outside tests. */
    EncodeHealth(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A batch has been encoded and is about to be sent; returns its number. */
    synchronized long sending() {
        unconfirmed.put(++batches, nanoTime.getAsLong());
        return batches;
    }

    /** The broker has confirmed everything made of a batch, or sending it has failed. */
    synchronized void sent(long batch) {
        unconfirmed.remove(batch);
    }

    /** The stage has failed and is started again. */
    synchronized void failed(Throwable why) {
        long now = nanoTime.getAsLong();
        if (!isFailing(now)) {
            failingSince = now;
        }
        cause = why;
        lastFailure = now;
    }

    /** A batch was encoded and confirmed. */
    synchronized void succeeded() {
        cause = null;
    }

    /** Why encoding does not work now; nothing if it does. */
    synchronized Optional<String> trouble() {
        long now = nanoTime.getAsLong();
        if (isFailing(now)) {
            return Optional.of(cause.toString());
        }
        return unconfirmed.values().stream()
                .map(since -> Duration.ofNanos(now - since))
                .filter(time -> time.compareTo(MAX_UNCONFIRMED) > 0)
                .max(Duration::compareTo)
                .map(time -> "the broker has not confirmed a batch for " + time.toSeconds() + " s");
    }

    /** Why encoding has failed for minutes on end; nothing if it has not. */
    synchronized Optional<Throwable> failure() {
        long now = nanoTime.getAsLong();
        return isFailing(now) && now - failingSince > UNHEALTHY_AFTER.toNanos() ? Optional.of(cause) : Optional.empty();
    }

    private boolean isFailing(long now) {
        return cause != null && now - lastFailure <= RECOVERED_AFTER.toNanos();
    }
}
