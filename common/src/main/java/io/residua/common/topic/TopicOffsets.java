package io.residua.common.topic;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Where partitions begin and end, and how far consumer groups have come: what a broker tells without a record being read.
 * Every method waits for the answer a bounded time, and throws a {@link KafkaException} if there is none.
 */
public interface TopicOffsets {
    /** What a consumer group has committed; partitions of which it has committed nothing are absent. */
    Map<TopicPartition, Long> committed(String group);

    /** The first offset that each partition still has. */
    Map<TopicPartition, Long> beginnings(Collection<TopicPartition> partitions);

    /** Where each partition ends, open transactions included. */
    Map<TopicPartition, Long> ends(Collection<TopicPartition> partitions);

    /** Asks the broker that {@code admin}, which the caller closes, is connected to. */
    static TopicOffsets of(Admin admin) {
        return new AdminTopicOffsets(admin);
    }
}
