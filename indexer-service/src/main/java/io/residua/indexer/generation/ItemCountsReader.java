package io.residua.indexer.generation;

import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemCountsV1;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/** Sums the coded and refused items of all partitions, from the topic {@code counts}. */
final class ItemCountsReader implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ItemCountsReader.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(10);

    private final Consumer<byte[], byte[]> consumer;
    private final ItemCountsV1 format = new ItemCountsV1();
    private final Map<ByteBuffer, ItemCounts> partitions = new HashMap<>();

    ItemCountsReader(Consumer<byte[], byte[]> consumer, String topic) {
        this.consumer = consumer;
        List<TopicPartition> only = List.of(new TopicPartition(topic, 0));
        consumer.assign(only);
        consumer.seekToBeginning(only);
    }

    /** Sum over the partitions whose counts have been read. */
    Items read() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
            note(record);
        }
        long coded = 0;
        long refused = 0;
        for (ItemCounts counts : partitions.values()) {
            coded += counts.coded();
            refused += counts.refused();
        }
        return new Items(coded, refused);
    }

    private void note(ConsumerRecord<byte[], byte[]> record) {
        try {
            byte[] key = record.key() == null ? new byte[0] : record.key();
            partitions.put(ByteBuffer.wrap(key), format.fromBytes(record.value()));
        } catch (MalformedRecordException e) {
            LOG.warnf(
                    "counts not understood, ignored topic=%s offset=%d cause=%s",
                    record.topic(), record.offset(), e.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
