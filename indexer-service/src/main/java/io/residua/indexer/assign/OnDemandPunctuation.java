package io.residua.indexer.assign;

import java.time.Duration;
import java.util.function.LongConsumer;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * A wall-clock punctuation that fires once for each time it is scheduled. Every punctuation makes its task commit, so
 * none is scheduled while there is nothing to do. Whoever holds one cancels it when the processor is closed: after an
 * aborted transaction Kafka Streams initialises the same processor again, and what was scheduled before would go on.
 */
final class OnDemandPunctuation {
    private final ProcessorContext<?, ?> context;
    private final LongConsumer action;
    private Cancellable scheduled;

    /** Calls {@code action} with the time in milliseconds; it may schedule this again. */
    OnDemandPunctuation(ProcessorContext<?, ?> context, LongConsumer action) {
        this.context = context;
        this.action = action;
    }

    /** Fires after {@code delay}, unless it is scheduled already. */
    void schedule(Duration delay) {
        if (scheduled == null) {
            scheduled = context.schedule(delay, PunctuationType.WALL_CLOCK_TIME, this::fire);
        }
    }

    boolean isScheduled() {
        return scheduled != null;
    }

    private void fire(long now) {
        cancel();
        action.accept(now);
    }

    /** Does not fire any more until it is scheduled again. */
    void cancel() {
        if (scheduled != null) {
            scheduled.cancel();
            scheduled = null;
        }
    }
}
