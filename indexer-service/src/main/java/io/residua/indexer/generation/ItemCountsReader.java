package io.residua.indexer.generation;

import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemCountsV1;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/** Adds up what the partitions of a generation's item stage hold, as the topic {@code counts} says. */
final class ItemCountsReader implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(10);

    private final Consumer<byte[], byte[]> consumer;
    private final Deserializer<ItemCounts> format = new ItemCountsV1().deserializer();
    private final Map<ByteBuffer, ItemCounts> partitions = new HashMap<>();

    ItemCountsReader(Consumer<byte[], byte[]> consumer, String topic) {
        this.consumer = consumer;
        List<TopicPartition> only = List.of(new TopicPartition(topic, 0));
        consumer.assign(only);
        consumer.seekToBeginning(only);
    }

    /** Items of all partitions together, as far as their counts have been read. */
    Items read() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
            partitions.put(ByteBuffer.wrap(record.key()), format.deserialize(record.topic(), record.value()));
        }
        long coded = 0;
        long refused = 0;
        for (ItemCounts counts : partitions.values()) {
            coded += counts.coded();
            refused += counts.refused();
        }
        return new Items(coded, refused);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
