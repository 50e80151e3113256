package io.residua.indexer.generation;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * The keys of a changelog that have a value: those that were put and not deleted since. Each look reads on where the one
 * before ended, so that every record is read once.
 */
final class LiveKeys {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    /** How long one look may take; the next one goes on where it ended. */
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(1);
    /** After so long compaction may have removed a deletion unread: everything is read again. */
    private static final Duration FORGET_AFTER = Duration.ofHours(1);

    private final Consumer<byte[], byte[]> reader;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> readUpTo = new HashMap<>();
    /** Keys with the offset from which on they have had a value. */
    private final Map<TopicPartition, Map<ByteBuffer, Long>> live = new HashMap<>();

    private long lastLook = System.nanoTime();

    /** Reads {@code partitions} with {@code reader}, which its owner may assign to others between two looks. */
    LiveKeys(Consumer<byte[], byte[]> reader, List<TopicPartition> partitions) {
        this.reader = reader;
        this.partitions = new ArrayList<>(partitions);
        partitions.forEach(partition -> live.put(partition, new HashMap<>()));
    }

    /** Reads on; whether it is certain by now that no key has a value that was put below {@code ends}. */
    boolean noneBelow(Map<TopicPartition, Long> ends, long now) {
        if (now - lastLook > FORGET_AFTER.toNanos()) {
            readUpTo.clear();
            live.values().forEach(Map::clear);
        }
        lastLook = now;
        readOn();
        return ends.entrySet().stream().allMatch(end -> {
            TopicPartition partition = end.getKey();
            return readUpTo.get(partition) >= end.getValue()
                    && live.get(partition).values().stream().noneMatch(offset -> offset < end.getValue());
        });
    }

    private void readOn() {
        reader.assign(partitions);
        for (TopicPartition partition : partitions) {
            Long position = readUpTo.get(partition);
            if (position == null) {
                reader.seekToBeginning(List.of(partition));
            } else {
                reader.seek(partition, position);
            }
        }
        Map<TopicPartition, Long> readable = reader.endOffsets(partitions);
        long deadline = System.nanoTime() + LOOK_TIMEOUT.toNanos();
        while (readable.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())
                && System.nanoTime() < deadline) {
            reader.poll(POLL_TIMEOUT).forEach(this::note);
        }
        partitions.forEach(partition -> readUpTo.put(partition, reader.position(partition)));
    }

    private void note(ConsumerRecord<byte[], byte[]> record) {
        Map<ByteBuffer, Long> keys = live.get(new TopicPartition(record.topic(), record.partition()));
        ByteBuffer key = ByteBuffer.wrap(record.key());
        if (record.value() == null) {
            keys.remove(key);
        } else {
            keys.putIfAbsent(key, record.offset());
        }
    }
}
