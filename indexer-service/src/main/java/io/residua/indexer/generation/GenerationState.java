package io.residua.indexer.generation;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * The state of a generation, as all replicas read it in {@code index-status}. A transition is a method of the state it
 * leaves.
 */
sealed interface GenerationState {
    /** Codes the embeddings that the source held when the generation opened. */
    record Building(long done, long total) implements GenerationState {
        Building advancedTo(long nowDone) {
            return new Building(Math.max(done, nowDone), total);
        }

        Ready toReady(Instant now) {
            return new Ready(total, now);
        }

        Paused toPaused(String reason) {
            return new Paused(done, total, reason);
        }
    }

    /** Not ready and not building, for a reason that new embeddings, a restart or a newer model may remove. */
    record Paused(long done, long total, String reason) implements GenerationState {
        Ready toReady(Instant now) {
            return new Ready(total, now);
        }
    }

    /** Every embedding that the source held at opening has been answered, and coverage suffices. */
    record Ready(long total, Instant since) implements GenerationState {
        Superseded toSuperseded(Instant now) {
            return new Superseded(total, since, now);
        }
    }

    /** Ready, but a newer generation is ready too. */
    record Superseded(long total, Instant readySince, Instant since) implements GenerationState {
        /** Rolled back to, or pinned. */
        Ready toReady() {
            return new Ready(total, readySince);
        }

        boolean isOver(Duration grace, Instant now) {
            return !now.isBefore(since.plus(grace));
        }
    }

    /** The model or the generation's topics cannot be used. */
    record Refused(String reason) implements GenerationState {}

    /**
     * Closed for good.
     *
     * @param since when it was retired
     * @param remaining data that is still to be deleted
     */
    record Retired(Instant since, RemainingData remaining) implements GenerationState {
        boolean isOver(Duration grace, Instant now) {
            return !now.isBefore(since.plus(grace));
        }

        Retired toGone() {
            return new Retired(since, RemainingData.NONE);
        }

        @Override
        public Retired toRetired(Instant now) {
            return this;
        }
    }

    /** Data of a retired generation that still exists on the broker. */
    enum RemainingData {
        /** Groups, internal topics and codes. */
        ALL,
        /** Its codes only. */
        CODES,
        /** Nothing. */
        NONE
    }

    /** Allowed in every state; a retired generation does not change. */
    default Retired toRetired(Instant now) {
        return new Retired(now, RemainingData.ALL);
    }

    /** Whether its codes are complete. */
    default boolean isReady() {
        return this instanceof Ready || this instanceof Superseded;
    }

    /** The name of the state in messages and meters. */
    default String label() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** Whether it has begun and is not ready. */
    default boolean isBuilding() {
        return this instanceof Building || this instanceof Paused;
    }
}
