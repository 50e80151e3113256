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

/** The codes of one model version, as a consumer of its topic sees them: the latest record of every item. */
final class Codes implements AutoCloseable {
    private final String topic;
    private final TopicReader reader;
    private final Map<String, ItemCode> latest = new HashMap<>();
    private final Map<String, Integer> records = new HashMap<>();

    /** Reads what is in {@code topic}, which exists. */
    Codes(Clients clients, String topic) {
        this.topic = topic;
        reader = new TopicReader(clients, topic);
        reader.readToEnd(this::accept);
    }

    /** Takes what comes within {@code patience}; returns as soon as there was something. */
    void poll(Duration patience) {
        reader.poll(patience, this::accept);
    }

    /** Takes everything that is there. */
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

    /** Records of {@code item} so far. */
    int records(String item) {
        return records.getOrDefault(item, 0);
    }

    /** What has been read so far, as it stays. */
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

    /** Ends reading; what was read stays. */
    @Override
    public void close() {
        reader.close();
    }
}
