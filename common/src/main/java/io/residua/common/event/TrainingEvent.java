package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * What became of a training request: the value of {@code training-events}, keyed by the request id. A request ends with
 * exactly one terminal event.
 *
 * @param requestId the request
 * @param type what happened
 * @param time when
 * @param modelVersion the version the request trains; absent when it was rejected
 * @param progress for {@link Type#PROGRESS}
 * @param reasons why it was rejected, or failed; empty otherwise
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrainingEvent(
        String requestId, Type type, Instant time, String modelVersion, Progress progress, List<String> reasons) {
    public TrainingEvent {
        Checks.requireText("requestId", requestId);
        requireNonNull(type, "type is null");
        requireNonNull(time, "time is null");
        if (modelVersion != null) {
            ModelVersions.require(modelVersion);
        }
        if (type == Type.PROGRESS) {
            requireNonNull(progress, "progress is null");
        }
        reasons = reasons == null ? List.of() : List.copyOf(reasons);
    }

    /** The states a request passes through. */
    public enum Type {
        @JsonProperty("accepted")
        ACCEPTED,
        @JsonProperty("progress")
        PROGRESS,
        @JsonProperty("succeeded")
        SUCCEEDED,
        @JsonProperty("failed")
        FAILED,
        @JsonProperty("rejected")
        REJECTED,
        @JsonProperty("cancelled")
        CANCELLED;

        /** Whether nothing follows this event. */
        @JsonIgnore
        public boolean terminal() {
            return this != ACCEPTED && this != PROGRESS;
        }
    }

    /**
     * How far a training run is.
     *
     * @param epoch epochs done
     * @param epochs epochs in all
     * @param loss total loss of the last epoch, mean over its batches
     * @param reconstructionLoss its reconstruction part
     * @param collisionRate of the last evaluation over all rows, without Sinkhorn; absent before the first
     * @param rowsPerSecond training rate of the last epoch
     * @param remainingSeconds estimate of what is left
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Progress(
            int epoch,
            int epochs,
            double loss,
            double reconstructionLoss,
            Double collisionRate,
            double rowsPerSecond,
            double remainingSeconds) {
        public Progress {
            Checks.requireNotNegative("epoch", epoch);
            Checks.requireNotNegative("epochs", epochs);
            Checks.requireFinite("loss", loss);
            Checks.requireFinite("reconstructionLoss", reconstructionLoss);
            if (collisionRate != null) {
                Checks.requireShare("collisionRate", collisionRate);
            }
            Checks.requireNotNegative("rowsPerSecond", rowsPerSecond);
            Checks.requireNotNegative("remainingSeconds", remainingSeconds);
        }
    }
}
