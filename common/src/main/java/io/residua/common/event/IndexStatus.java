package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * The state of the index of a model version: the value of {@code index-status}, keyed by the model version.
 *
 * @param modelVersion the model
 * @param state state of the index
 * @param codesTopic topic of its codes
 * @param sourceTopicId Kafka's id of the embeddings topic the index was built from, so that a re-created topic is
 *     noticed; absent when the model was refused before it was known
 * @param done how many of the embedding records that the source held at opening have been answered
 * @param total embedding records that the source held at opening
 * @param reason why it was refused or paused; absent otherwise
 * @param time time of this record
 * @param identity its state on the broker; absent before it was opened and after a retired index has been deleted
 * @param items how many items are coded and refused; absent until they have been counted
 * @param history when it entered its states; absent before it was opened
 * @param pinned true if it is kept although a newer index is ready; absent otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IndexStatus(
        String modelVersion,
        State state,
        String codesTopic,
        String sourceTopicId,
        long done,
        long total,
        String reason,
        Instant time,
        IndexIdentity identity,
        Items items,
        History history,
        Boolean pinned) {
    public IndexStatus {
        ModelVersions.require(modelVersion);
        requireNonNull(state, "state is null");
        Checks.requireText("codesTopic", codesTopic);
        Checks.requireNotNegative("done", done);
        Checks.requireNotNegative("total", total);
        requireNonNull(time, "time is null");
    }

    /** The status of an index that has not been opened, or whose writer keeps no more. */
    public IndexStatus(
            String modelVersion,
            State state,
            String codesTopic,
            String sourceTopicId,
            long done,
            long total,
            String reason,
            Instant time) {
        this(modelVersion, state, codesTopic, sourceTopicId, done, total, reason, time, null, null, null, null);
    }

    /** Whether the index is kept although a newer one is ready. */
    @JsonIgnore
    public boolean isPinned() {
        return Boolean.TRUE.equals(pinned);
    }

    /** The same, pinned or not, as of {@code now}. */
    public IndexStatus withPinned(boolean newPinned, Instant now) {
        return new IndexStatus(
                modelVersion,
                state,
                codesTopic,
                sourceTopicId,
                done,
                total,
                reason,
                now,
                identity,
                items,
                history,
                newPinned ? true : null);
    }

    /**
     * Items by what is true of them now.
     *
     * @param coded items that have a code
     * @param refused items that got none
     */
    public record Items(long coded, long refused) {
        public Items {
            Checks.requireNotNegative("coded", coded);
            Checks.requireNotNegative("refused", refused);
        }
    }

    /**
     * When things happened to an index; what has not happened is absent.
     *
     * @param readySince when it was ready
     * @param supersededSince since when a newer index is ready
     * @param retiredSince when it was retired
     * @param lastSeen when it ran last, to within minutes
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record History(Instant readySince, Instant supersededSince, Instant retiredSince, Instant lastSeen) {}

    /** The states of a generation. */
    public enum State {
        /** Records that were there at the opening are still being coded. */
        @JsonProperty("building")
        BUILDING,
        /** Every record that was there at the opening has been answered. */
        @JsonProperty("ready")
        READY,
        /** Closed; its topics go away. */
        @JsonProperty("retired")
        RETIRED,
        /** The model could not be used. */
        @JsonProperty("refused")
        REFUSED
    }
}
