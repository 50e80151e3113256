package io.residua.indexer.generation;

import io.residua.indexer.assign.SourceRecords;
import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/** Reads single embeddings from the broker; connects when the first one is asked for. */
final class KafkaSourceRecords implements SourceRecords, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KafkaSourceRecords.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Map<String, Object> settings;
    private final String topic;
    private Consumer<byte[], byte[]> consumer;

    KafkaSourceRecords(Map<String, Object> kafka, String topic) {
        this.settings = new HashMap<>(kafka);
        this.topic = topic;
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        // One record is wanted and the stream thread waits for it: fetch little, and do not wait for more.
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 16 * 1024);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    }

    @Override
    public synchronized Optional<ConsumerRecord<byte[], byte[]>> read(SourcePosition position) {
        if (consumer == null) {
            consumer = new KafkaConsumer<>(settings);
        }
        TopicPartition partition = new TopicPartition(topic, position.partition());
        consumer.assign(List.of(partition));
        consumer.seek(partition, position.offset());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                return record.offset() == position.offset() ? Optional.of(record) : Optional.empty();
            }
        }
        LOG.warnf(
                "refused embedding could not be read again topic=%s partition=%d offset=%d",
                topic, position.partition(), position.offset());
        return Optional.empty();
    }

    @Override
    public synchronized void close() {
        if (consumer != null) {
            consumer.close();
        }
    }
}
