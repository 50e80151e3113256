package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * How far the index of a model version is: the value of {@code index-status}, keyed by the model version.
 *
 * @param modelVersion the model
 * @param state what can be expected of its index
 * @param codesTopic where its codes are
 * @param sourceTopicId Kafka's id of the embeddings topic the index was built from, so that a re-created topic is noticed;
 *     absent when the model was refused before it was known
 * @param done embedding records answered of those that were there when the generation opened
 * @param total how many were there
 * @param reason why it was refused; absent otherwise
 * @param time when this was so
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
        Instant time) {
    public IndexStatus {
        ModelVersions.require(modelVersion);
        requireNonNull(state, "state is null");
        Checks.requireText("codesTopic", codesTopic);
        Checks.requireNotNegative("done", done);
        Checks.requireNotNegative("total", total);
        requireNonNull(time, "time is null");
    }

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
