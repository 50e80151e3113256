package io.residua.common.asyncapi;

import io.residua.common.topic.TopicsConfig;
import java.util.List;
import java.util.Optional;

/**
 * A topic, or a family of them, and what is in it.
 *
 * @param name its name here
 * @param address the topic, with the model version as a parameter where there is one topic per version
 * @param message the name of its records
 * @param schema the schema of their values; nothing if they are as others sent them
 * @param key what their keys are
 * @param received whether the services read what others send, or send themselves
 * @param description what they mean
 */
record Channel(
        String name,
        String address,
        String message,
        Optional<String> schema,
        String key,
        boolean received,
        String description) {
    static final String VERSION_PARAMETER = "{modelVersion}";

    private static final String ITEM_ID = "Item id: UTF-8 of 1 to 512 bytes.";
    private static final String REQUEST_ID = "Request id.";
    private static final String MODEL_VERSION = "Model version.";

    /** Every topic that the services share with others. */
    static List<Channel> of(TopicsConfig topics) {
        return List.of(
                received(
                        "itemEmbeddings",
                        topics.itemEmbeddings(),
                        "Embedding",
                        "embedding",
                        ITEM_ID,
                        "An item's embedding, as JSON or as little-endian float32; no value deletes the item."),
                new Channel(
                        "itemEmbeddingsDlq",
                        topics.itemEmbeddingsDlq(),
                        "DeadLetter",
                        Optional.empty(),
                        "As received, or its SHA-256 if the record is too large.",
                        false,
                        "A record that was refused, as it came; headers dead-letter-* say why and whence."),
                sent(
                        "itemCodes",
                        topics.itemCodes(VERSION_PARAMETER),
                        "ItemCode",
                        "item-code",
                        ITEM_ID,
                        "An item's code; no value when the item was deleted. Read with read_committed."),
                received(
                        "trainingRequests",
                        topics.trainingRequests(),
                        "TrainingRequest",
                        "training-request",
                        REQUEST_ID,
                        "A request to train a model, or to cancel that."),
                sent(
                        "trainingEvents",
                        topics.trainingEvents(),
                        "TrainingEvent",
                        "training-event",
                        REQUEST_ID,
                        "What became of a request."),
                sent(
                        "models",
                        topics.models(),
                        "ModelPublished",
                        "model-published",
                        MODEL_VERSION,
                        "A model is ready."),
                sent(
                        "indexStatus",
                        topics.indexStatus(),
                        "IndexStatus",
                        "index-status",
                        MODEL_VERSION,
                        "How far the index of a model is."),
                sent(
                        "indexMetrics",
                        topics.indexMetrics(),
                        "IndexMetrics",
                        "index-metrics",
                        MODEL_VERSION,
                        "How good the index of a model is."));
    }

    String operation() {
        return (received ? "receive" : "send") + message;
    }

    private static Channel received(
            String name, String address, String message, String schema, String key, String description) {
        return new Channel(name, address, message, Optional.of(schema), key, true, description);
    }

    private static Channel sent(
            String name, String address, String message, String schema, String key, String description) {
        return new Channel(name, address, message, Optional.of(schema), key, false, description);
    }
}
