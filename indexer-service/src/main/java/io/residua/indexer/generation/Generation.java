package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Superseded;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * One model version's pipeline on this replica, with the state this replica sees it in: from building to ready. Used by
 * the control loop's thread; its state may be read by any.
 */
final class Generation {
    private static final Logger LOG = Logger.getLogger(Generation.class);
    /**
     * Delay after which the item stage, which publishes counts once a second, has published those of the last answers.
     */
    private static final Duration COUNTS_DELAY = Duration.ofSeconds(3);

    private static final Duration LAST_SEEN_INTERVAL = Duration.ofMinutes(2);
    private static final Duration ITEMS_INTERVAL = Duration.ofSeconds(10);

    private final String modelVersion;
    private final GenerationTopics topics;
    private final Pipeline pipeline;
    private IndexIdentity identity;
    private Instant openedAt;
    private Instant completeSince;
    private volatile GenerationState state;
    private volatile Items items = new Items(0, 0);

    /** A pipeline that has been started; {@code ready} is its state if it is known to be ready, else {@code null}. */
    Generation(String modelVersion, GenerationTopics topics, IndexIdentity identity, Pipeline pipeline, Ready ready) {
        this.modelVersion = modelVersion;
        this.topics = topics;
        this.identity = identity;
        this.pipeline = pipeline;
        this.state = ready == null ? new Building(0, pipeline.total()) : ready;
    }

    String modelVersion() {
        return modelVersion;
    }

    GenerationTopics topics() {
        return topics;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    IndexIdentity identity() {
        return identity;
    }

    void setIdentity(IndexIdentity newIdentity) {
        identity = newIdentity;
    }

    GenerationState state() {
        return state;
    }

    /** Items as of the last {@link #advance}. */
    Items items() {
        return items;
    }

    /**
     * Updates the state of the generation.
     *
     * @param known its record in {@code index-status}, or {@code null}
     * @param coverage minimum coverage to become ready
     * @param readyItems items coded by the ready generation before it
     */
    void advance(IndexStatus known, Coverage coverage, long readyItems, Instant now) {
        items = pipeline.items();
        if (!state.isBuilding()) {
            pipeline.onReady();
            return;
        }
        openedAt = openedAt == null ? now : openedAt;
        GenerationState said = known == null ? null : StatusRecords.state(known);
        if (said instanceof Ready ready) {
            // The status writer, another replica, has seen it complete.
            state = ready;
        } else if (said instanceof Superseded superseded) {
            state = superseded.toReady();
        } else if (pipeline.encodeCounts().isExhausted()) {
            pause("the model refused the first " + pipeline.encodeCounts().refusedCount()
                    + " embeddings and accepted none; publish another model, or restart the indexer to try it again");
            pipeline.stopEncoding();
        } else {
            if (said instanceof Paused paused && known.time().isAfter(openedAt)) {
                // The encoder of another replica has reached its bound of refusals.
                state = paused;
            }
            advanceBuilding(coverage, readyItems, now);
        }
    }

    /**
     * Whether the encoder of this replica has reached its bound of refusals. Then it writes the status even if it is
     * not the status writer.
     */
    boolean hasGivenUp() {
        return state instanceof Paused && pipeline.encodeCounts().isExhausted();
    }

    private void advanceBuilding(Coverage coverage, long readyItems, Instant now) {
        boolean complete = pipeline.isComplete();
        if (state instanceof Building building) {
            state = building.advancedTo(pipeline.done());
        }
        if (!complete) {
            return;
        }
        completeSince = completeSince == null ? now : completeSince;
        if (now.isBefore(completeSince.plus(COUNTS_DELAY))) {
            return;
        }
        boolean nothingOfSomething = items.coded() == 0 && pipeline.sourceHasEmbeddings();
        Optional<String> shortfall = coverage.shortfall(items, nothingOfSomething, readyItems);
        if (shortfall.isPresent()) {
            pause(shortfall.get());
        } else {
            state = state instanceof Paused paused ? paused.toReady(now) : ((Building) state).toReady(now);
            LOG.infof("generation ready version=%s coded=%d refused=%d", modelVersion, items.coded(), items.refused());
        }
    }

    private void pause(String reason) {
        if (state instanceof Building building) {
            state = building.toPaused(reason);
            LOG.errorf("generation does not get ready version=%s reason=%s", modelVersion, reason);
        } else if (state instanceof Paused paused) {
            state = new Paused(paused.done(), paused.total(), reason);
        }
    }

    /** Captures the floor of the source from time to time, once there is an index. */
    void captureFloor() {
        if (!state.isBuilding()) {
            pipeline.captureFloor();
        }
    }

    /** The status to write; empty if {@code known}, the last one read, is up to date. */
    Optional<IndexStatus> statusToWrite(IndexStatus known, Instant now) {
        if (known == null) {
            return Optional.of(StatusRecords.created(modelVersion, topics.codes(), identity, false, now));
        }
        GenerationState last = StatusRecords.state(known);
        if (known.state() == IndexStatus.State.RETIRED || (last.isReady() && state.isBuilding())) {
            return Optional.empty();
        }
        GenerationState next = last instanceof Superseded && state.isReady() ? last : state;
        boolean itemsChanged = !items.equals(known.items());
        Duration age = Duration.between(known.time(), now);
        Instant lastSeen = StatusRecords.history(known).lastSeen();
        boolean stateChanged = !last.equals(next) && !(last instanceof Ready && next instanceof Ready);
        boolean changed = stateChanged
                || !identity.equals(known.identity())
                || (itemsChanged && (stateChanged || age.compareTo(ITEMS_INTERVAL) >= 0))
                || lastSeen == null
                || Duration.between(lastSeen, now).compareTo(LAST_SEEN_INTERVAL) >= 0;
        if (!changed) {
            return Optional.empty();
        }
        IndexStatus identified = StatusRecords.identified(known, identity, items);
        return Optional.of(StatusRecords.seen(StatusRecords.in(next, identified, now), now));
    }

    /** Stops the pipeline on this replica. Its state stays on the broker. */
    void close() {
        pipeline.close();
        LOG.infof("generation closed version=%s", modelVersion);
    }
}
