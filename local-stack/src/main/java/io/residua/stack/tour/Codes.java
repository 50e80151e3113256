package io.residua.stack.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The latest code of every item of one model version, read from its codes topic. */
final class Codes implements AutoCloseable {
    private final String topic;
    private final TopicReader reader;
    private final Map<String, ItemCode> latest = new HashMap<>();
    private final Map<String, Integer> records = new HashMap<>();

    /** Reads {@code topic}, which must exist, up to its end. */
    Codes(Clients clients, String topic) {
        this.topic = topic;
        reader = new TopicReader(clients, topic);
        reader.readToEnd(this::accept);
    }

    /** Polls the topic once. */
    void poll(Duration timeout) {
        reader.poll(timeout, this::accept);
    }

    /** Reads up to the present end of the topic. */
    void readToEnd() {
        reader.readToEnd(this::accept);
    }

    private void accept(ConsumerRecord<byte[], byte[]> record) {
        String item = new String(record.key(), UTF_8);
        records.merge(item, 1, Integer::sum);
        if (record.value() == null) {
            latest.remove(item);
        } else {
            latest.put(item, Json.read(record.value(), ItemCode.class));
        }
    }

    /** The items' codes. */
    Collection<ItemCode> all() {
        return latest.values();
    }

    Optional<ItemCode> of(String item) {
        return Optional.ofNullable(latest.get(item));
    }

    /** The items that have a code. */
    Set<String> items() {
        return Collections.unmodifiableSet(latest.keySet());
    }

    String topic() {
        return topic;
    }

    /** Number of records of {@code item} read so far. */
    int records(String item) {
        return records.getOrDefault(item, 0);
    }

    /** An immutable copy of what has been read so far. */
    Snapshot snapshot() {
        return new Snapshot(Set.copyOf(latest.keySet()), Map.copyOf(records));
    }

    /**
     * The state of a codes topic at a moment.
     *
     * @param items the items that had a code
     * @param records records by item, tombstones among them
     */
    record Snapshot(Set<String> items, Map<String, Integer> records) {
        /** The state of a topic that does not exist. */
        static final Snapshot NONE = new Snapshot(Set.of(), Map.of());

        int records(String item) {
            return records.getOrDefault(item, 0);
        }
    }

    /** Closes the consumer. What has been read stays available. */
    @Override
    public void close() {
        reader.close();
    }
}
