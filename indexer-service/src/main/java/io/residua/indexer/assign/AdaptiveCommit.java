package io.residua.indexer.assign;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Asks for a commit before {@code commit.interval.ms} is over when the processors have time for it. A commit costs the
 * same for one record as for ten thousand: with little to do, a single item is answered within milliseconds; under a
 * load that they keep up with, items wait for a quarter of the interval; behind a backlog the interval decides.
 *
 * <p>Little to do means at most {@value #MAX_RECORDS} records in the current and the previous window of
 * {@value #WINDOW_MILLIS} ms together. A rule that looks at the last few milliseconds only would feed on itself: each
 * commit lets a small batch through, which looks like little to do and commits again.
 *
 * <p>Behind a backlog means that most of these records are of embeddings that were sent more than
 * {@value #LATE_INTERVALS} commit intervals ago. This rule balances itself: where more commits take too much time,
 * embeddings wait, and there are fewer commits. The early commits are due when the clock passes a multiple of a quarter
 * of the interval, the same moment for all tasks: a commit is one of the whole stream thread, and a {@code
 * read_committed} consumer sees a thread's records only when no other thread has an older open transaction.
 *
 * <p>A wall-clock punctuation makes its task commit, so none is scheduled while nothing is uncommitted.
 */
final class AdaptiveCommit {
    static final int WINDOW_MILLIS = 200;
    static final int MAX_RECORDS = 20;
    static final int LATE_INTERVALS = 3;
    static final Duration CHECK_INTERVAL = Duration.ofMillis(5);
    private static final int EARLY_COMMITS = 4;

    private final ProcessorContext<?, ?> context;
    private final OnDemandPunctuation check;
    private final long lateAfter;
    private final long earlyInterval;
    private long windowStart;
    private int current;
    private int currentLate;
    private int previous;
    private int previousLate;
    private long firstUncommitted;

    AdaptiveCommit(ProcessorContext<?, ?> context, Duration commitInterval) {
        this.context = context;
        this.check = new OnDemandPunctuation(context, this::commitIfDue);
        this.lateAfter = LATE_INTERVALS * commitInterval.toMillis();
        this.earlyInterval = Math.max(1, commitInterval.toMillis() / EARLY_COMMITS);
    }

    /** The processor has consumed a record that says nothing of an embedding's time. */
    void onRecord() {
        onRecord(Long.MAX_VALUE);
    }

    /** The processor has consumed a record made of an embedding of this time, in milliseconds. */
    void onRecord(long embeddingTimestamp) {
        long now = context.currentSystemTimeMs();
        roll(now);
        current++;
        if (embeddingTimestamp < now - lateAfter) {
            currentLate++;
        }
        if (!check.isScheduled()) {
            firstUncommitted = now;
            check.schedule(CHECK_INTERVAL);
        }
    }

    private void commitIfDue(long now) {
        roll(now);
        if (hasLittleToDo() || isEarlyCommitDue(now)) {
            context.commit();
        } else {
            check.schedule(CHECK_INTERVAL);
        }
    }

    private boolean hasLittleToDo() {
        return current + previous <= MAX_RECORDS;
    }

    private boolean isEarlyCommitDue(long now) {
        boolean keepsUp = 2 * (currentLate + previousLate) <= current + previous;
        return keepsUp && now / earlyInterval != firstUncommitted / earlyInterval;
    }

    /** Asks for no more commits. */
    void close() {
        check.cancel();
    }

    private void roll(long now) {
        long elapsed = now - windowStart;
        if (elapsed >= WINDOW_MILLIS) {
            boolean adjacent = elapsed < 2 * WINDOW_MILLIS;
            previous = adjacent ? current : 0;
            previousLate = adjacent ? currentLate : 0;
            current = 0;
            currentLate = 0;
            windowStart = now;
        }
    }
}
