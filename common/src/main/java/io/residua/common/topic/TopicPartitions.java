package io.residua.common.topic;

import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The partitions of a topic as a broker knows them. */
public final class TopicPartitions {
    private TopicPartitions() {}

    /**
     * All partitions of a topic that exists. A consumer answers that a topic has no partitions when the broker it asks
     * does not know the topic, which a broker that lags behind may not yet.
     *
     * @throws UnknownTopicOrPartitionException if the broker does not know the topic
     */
    public static List<TopicPartition> of(Consumer<?, ?> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new UnknownTopicOrPartitionException("the broker does not know topic " + topic);
        }
        return partitions;
    }
}
