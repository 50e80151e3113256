package io.residua.indexer.encode;

import io.residua.common.topic.TopicOffsets;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Offsets of {@code requests} as a test says. */
final class FakeOffsets implements TopicOffsets {
    private final Map<Integer, Long> beginnings = new ConcurrentHashMap<>();
    private final Map<Integer, Long> ends = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Long> committed = new ConcurrentHashMap<>();
    volatile KafkaException failure;
    /** How often the ends were asked for. */
    volatile int asked;

    void beginnings(int partition, long offset) {
        beginnings.put(partition, offset);
    }

    /** The ends of both partitions. */
    void ends(long first, long second) {
        ends.put(0, first);
        ends.put(1, second);
    }

    void consumed(int partition, long offset) {
        committed.put(new TopicPartition("requests", partition), offset);
    }

    @Override
    public Map<TopicPartition, Long> committed(String group) {
        if (failure != null) {
            throw failure;
        }
        return Map.copyOf(committed);
    }

    @Override
    public Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions) {
        return of(partitions, beginnings);
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // One thread asks.
    public Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions) {
        asked++;
        return of(partitions, ends);
    }

    private static Map<TopicPartition, Long> of(Collection<TopicPartition> partitions, Map<Integer, Long> offsets) {
        return partitions.stream()
                .collect(Collectors.toMap(
                        partition -> partition, partition -> offsets.getOrDefault(partition.partition(), 0L)));
    }
}
