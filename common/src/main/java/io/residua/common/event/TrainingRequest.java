package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Asks the trainer for a model, or to give up one it is training: the value of {@code training-requests}, keyed by the
 * request id.
 *
 * @param action what to do; {@code train} when absent
 * @param data where the embeddings come from; a snapshot of {@code item-embeddings} when absent
 * @param parameters options of the {@code train} command by their names without dashes ({@code epochs},
 *     {@code num_emb_list}, …), as JSON numbers, booleans, strings or arrays of those
 * @param reason why, for people who read the topic; may be absent
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TrainingRequest(Action action, Data data, Map<String, Object> parameters, String reason) {
    public TrainingRequest {
        action = action == null ? Action.TRAIN : action;
        data = data == null ? Data.snapshot() : data;
        parameters = parameters == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /** A request to train from the embeddings that are in the topic now. */
    public static TrainingRequest fromSnapshot(Map<String, Object> parameters, String reason) {
        return new TrainingRequest(Action.TRAIN, Data.snapshot(), parameters, reason);
    }

    /** What the trainer is asked to do. */
    public enum Action {
        @JsonProperty("train")
        TRAIN,
        @JsonProperty("cancel")
        CANCEL
    }

    /** The kinds of training data. */
    public enum Source {
        /** The latest embedding of every item in {@code item-embeddings}, tombstones honoured. */
        @JsonProperty("item-embeddings")
        ITEM_EMBEDDINGS,
        /** A {@code .npy} file below the trainer's data root. */
        @JsonProperty("npy")
        NPY
    }

    /**
     * Where embeddings come from.
     *
     * @param source which kind
     * @param path for {@link Source#NPY}: the file, relative to the trainer's data root
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Data(Source source, String path) {
        public Data {
            requireNonNull(source, "data.source is null");
            if (source == Source.NPY) {
                Checks.requireText("data.path", path);
            } else if (path != null) {
                throw new IllegalArgumentException("data.path is '" + path + "', expected none but for source npy");
            }
        }

        /** A snapshot of {@code item-embeddings}. */
        public static Data snapshot() {
            return new Data(Source.ITEM_EMBEDDINGS, null);
        }

        /** A file below the trainer's data root. */
        public static Data npy(String path) {
            return new Data(Source.NPY, path);
        }
    }
}
