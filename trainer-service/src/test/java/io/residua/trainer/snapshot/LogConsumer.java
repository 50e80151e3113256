package io.residua.trainer.snapshot;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** Reads topics of one partition each that are lists, from their beginning as often as asked to. */
public final class LogConsumer extends MockConsumer<byte[], byte[]> {
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> topics;

    /** Reads these topics; record {@code i} of a list has offset {@code i}. */
    public LogConsumer(Map<String, List<ConsumerRecord<byte[], byte[]>>> topics) {
        super("earliest");
        this.topics = topics;
        topics.forEach((topic, records) -> {
            TopicPartition partition = new TopicPartition(topic, 0);
            updatePartitions(topic, List.of(new PartitionInfo(topic, 0, Node.noNode(), new Node[0], new Node[0])));
            updateBeginningOffsets(Map.of(partition, 0L));
            updateEndOffsets(Map.of(partition, (long) records.size()));
        });
    }

    @Override
    public synchronized void seekToBeginning(Collection<TopicPartition> partitions) {
        super.seekToBeginning(partitions);
        partitions.stream().map(TopicPartition::topic).map(topics::get).forEach(log -> log.forEach(this::addRecord));
    }

    /** A record as a log of one partition holds it. */
    public static ConsumerRecord<byte[], byte[]> record(
            String topic, int offset, byte[] key, byte[] value, org.apache.kafka.common.header.Headers headers) {
        return new ConsumerRecord<>(
                topic,
                0,
                offset,
                offset,
                org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                0,
                0,
                key,
                value,
                headers,
                java.util.Optional.empty());
    }
}
