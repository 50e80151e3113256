package io.residua.indexer.assign;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Asks for a commit before {@code commit.interval.ms} is over when a processor has little to do, so that a single item
 * is answered within milliseconds, while under load a commit, whose cost does not depend on its size, serves as many
 * records as the interval brings.
 *
 * <p>Little to do means at most {@value #MAX_RECORDS} records in the current and the previous window of
 * {@value #WINDOW_MILLIS} ms together. A rule that looks at the last few milliseconds only would feed on itself: each
 * commit lets a small batch through, which looks like little to do and commits again. A wall-clock punctuation makes
 * its task commit, so none is scheduled while nothing is uncommitted.
 */
final class AdaptiveCommit {
    static final int WINDOW_MILLIS = 200;
    static final int MAX_RECORDS = 20;
    static final Duration CHECK_INTERVAL = Duration.ofMillis(5);

    private final ProcessorContext<?, ?> context;
    private final OnDemandPunctuation check;
    private long windowStart;
    private int current;
    private int previous;

    AdaptiveCommit(ProcessorContext<?, ?> context) {
        this.context = context;
        this.check = new OnDemandPunctuation(context, this::commitIfIdle);
    }

    /** The processor has consumed a record. */
    void onRecord() {
        roll(context.currentSystemTimeMs());
        current++;
        check.schedule(CHECK_INTERVAL);
    }

    private void commitIfIdle(long now) {
        roll(now);
        if (current + previous <= MAX_RECORDS) {
            context.commit();
        } else {
            check.schedule(CHECK_INTERVAL);
        }
    }

    /** Asks for no more commits. */
    void close() {
        check.cancel();
    }

    private void roll(long now) {
        long elapsed = now - windowStart;
        if (elapsed >= WINDOW_MILLIS) {
            previous = elapsed < 2 * WINDOW_MILLIS ? current : 0;
            current = 0;
            windowStart = now;
        }
    }
}
