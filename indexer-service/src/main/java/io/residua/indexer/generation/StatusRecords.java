package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.History;
import io.residua.common.event.IndexStatus.Items;
import io.residua.common.event.IndexStatus.State;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Refused;
import io.residua.indexer.generation.GenerationState.RemainingData;
import io.residua.indexer.generation.GenerationState.Retired;
import io.residua.indexer.generation.GenerationState.Superseded;
import java.time.Instant;

/** Translates between {@link GenerationState} and the records of {@code index-status}. */
final class StatusRecords {
    private static final History NO_HISTORY = new History(null, null, null, null);

    private StatusRecords() {}

    /** The state that a record describes. */
    static GenerationState state(IndexStatus status) {
        History history = history(status);
        return switch (status.state()) {
            case BUILDING ->
                status.reason() == null
                        ? new Building(status.done(), status.total())
                        : new Paused(status.done(), status.total(), status.reason());
            case READY -> {
                Instant since = history.readySince() == null ? status.time() : history.readySince();
                yield history.supersededSince() == null
                        ? new Ready(status.total(), since)
                        : new Superseded(status.total(), since, history.supersededSince());
            }
            case RETIRED -> {
                Instant since = history.retiredSince() == null ? status.time() : history.retiredSince();
                yield new Retired(since, remaining(status));
            }
            case REFUSED -> new Refused(status.reason());
        };
    }

    private static RemainingData remaining(IndexStatus retired) {
        if (retired.identity() == null) {
            return RemainingData.NONE;
        }
        boolean codesOnly = retired.identity().topics().stream()
                .allMatch(topic -> topic.name().equals(retired.codesTopic()));
        return codesOnly ? RemainingData.CODES : RemainingData.ALL;
    }

    /** The first record of a generation that is about to be created. */
    static IndexStatus created(String version, String codesTopic, IndexIdentity identity, boolean pinned, Instant now) {
        return new IndexStatus(
                version,
                State.BUILDING,
                codesTopic,
                identity.source().id(),
                0,
                0,
                null,
                now,
                identity,
                null,
                new History(null, null, null, now),
                pinned ? true : null);
    }

    /** The record of a refused version; {@code last} is its previous record, or {@code null}. */
    static IndexStatus refused(String version, String codesTopic, String reason, IndexStatus last, Instant now) {
        return new IndexStatus(
                version,
                State.REFUSED,
                codesTopic,
                last == null ? null : last.sourceTopicId(),
                last == null ? 0 : last.done(),
                last == null ? 0 : last.total(),
                reason,
                now,
                last == null ? null : last.identity(),
                last == null ? null : last.items(),
                last == null ? null : last.history(),
                last == null ? null : last.pinned());
    }

    /** {@code last} in another state. */
    static IndexStatus in(GenerationState state, IndexStatus last, Instant now) {
        History before = history(last);
        if (state instanceof Building building) {
            History history = new History(before.readySince(), null, null, before.lastSeen());
            return with(last, State.BUILDING, building.done(), building.total(), null, history, now);
        }
        if (state instanceof Paused paused) {
            return with(last, State.BUILDING, paused.done(), paused.total(), paused.reason(), before, now);
        }
        if (state instanceof Ready ready) {
            History history = new History(ready.since(), null, null, before.lastSeen());
            return with(last, State.READY, ready.total(), ready.total(), null, history, now);
        }
        if (state instanceof Superseded superseded) {
            History history = new History(superseded.readySince(), superseded.since(), null, before.lastSeen());
            return with(last, State.READY, superseded.total(), superseded.total(), null, history, now);
        }
        if (state instanceof Retired retired) {
            History history =
                    new History(before.readySince(), before.supersededSince(), retired.since(), before.lastSeen());
            IndexStatus status = with(last, State.RETIRED, last.done(), last.total(), null, history, now);
            return retired.remaining() == RemainingData.NONE ? identified(status, null, null) : status;
        }
        return refused(last.modelVersion(), last.codesTopic(), ((Refused) state).reason(), last, now);
    }

    /** {@code retired} without identity: nothing is left of it. */
    static IndexStatus gone(IndexStatus retired, Instant now) {
        return in(((Retired) state(retired)).toGone(), retired, now);
    }

    /** {@code status} with the time at which the generation was last seen running. */
    static IndexStatus seen(IndexStatus status, Instant now) {
        History before = history(status);
        History history = new History(before.readySince(), before.supersededSince(), before.retiredSince(), now);
        return with(status, status.state(), status.done(), status.total(), status.reason(), history, now);
    }

    /** {@code status} with other topics and counts. */
    static IndexStatus identified(IndexStatus status, IndexIdentity identity, Items items) {
        return new IndexStatus(
                status.modelVersion(),
                status.state(),
                status.codesTopic(),
                status.sourceTopicId(),
                status.done(),
                status.total(),
                status.reason(),
                status.time(),
                identity,
                items,
                status.history(),
                // A deleted generation cannot be pinned.
                identity == null ? null : status.pinned());
    }

    /** The history of a record, empty if it has none. */
    static History history(IndexStatus status) {
        return status.history() == null ? NO_HISTORY : status.history();
    }

    private static IndexStatus with(
            IndexStatus last, State state, long done, long total, String reason, History history, Instant now) {
        return new IndexStatus(
                last.modelVersion(),
                state,
                last.codesTopic(),
                last.sourceTopicId(),
                done,
                total,
                reason,
                now,
                last.identity(),
                last.items(),
                history,
                last.pinned());
    }
}
