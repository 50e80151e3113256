package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The records of {@code models} in offset order. A model that is published again becomes the newest. */
final class PublishedModels {
    private final Map<String, ModelPublished> models = new LinkedHashMap<>();
    private final Set<String> withdrawn = new HashSet<>();

    /**
     * Applies a record of the topic.
     *
     * @throws IllegalArgumentException if its value cannot be read; the version then keeps the model it has
     */
    void onRecord(ConsumerRecord<byte[], byte[]> record) {
        String version = new String(record.key(), UTF_8);
        if (record.value() == null) {
            models.remove(version);
            withdrawn.add(version);
            return;
        }
        ModelPublished model = Json.read(record.value(), ModelPublished.class);
        if (!model.modelVersion().equals(version)) {
            throw new IllegalArgumentException("key is " + version + ", but the model is " + model.modelVersion());
        }
        withdrawn.remove(version);
        // Removed first, so that it becomes the newest.
        models.remove(version);
        models.put(version, model);
    }

    /** The model of a version; {@code null} if there is none. */
    ModelPublished of(String version) {
        return models.get(version);
    }

    /** All versions, newest last. */
    List<String> versions() {
        return new ArrayList<>(models.keySet());
    }

    /** Versions with a tombstone. Versions that never had a model are not included. */
    Set<String> withdrawn() {
        return Set.copyOf(withdrawn);
    }
}
