package io.residua.trainer.snapshot;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic from its beginning to the end it has when reading starts. */
public final class TopicTail {
    private static final Duration POLL = Duration.ofMillis(500);

    private TopicTail() {}

    /**
     * Reads every committed record; they are in order within each partition.
     *
     * @param reader a consumer without a group, which is assigned all partitions
     * @param stop ends reading early when it says so
     * @return whether the end was reached
     */
    public static boolean read(
            Consumer<byte[], byte[]> reader,
            String topic,
            BooleanSupplier stop,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
        List<TopicPartition> partitions = reader.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        reader.assign(partitions);
        reader.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
        while (!stop.getAsBoolean()) {
            // The position passes over transaction markers and compacted records, which no record shows.
            if (ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue())) {
                return true;
            }
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) {
                    each.accept(record);
                }
            }
        }
        return false;
    }
}
