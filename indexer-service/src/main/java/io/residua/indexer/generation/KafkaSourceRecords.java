package io.residua.indexer.generation;

import io.residua.common.topic.TopicPartitions;
import io.residua.indexer.assign.SourceRecords;
import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads single embeddings from the broker, in a thread of its own; connects when the first one is asked for. */
final class KafkaSourceRecords implements SourceRecords, AutoCloseable {
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private final Supplier<Consumer<byte[], byte[]>> connect;
    private final String topic;
    private final ExecutorService thread;
    private Consumer<byte[], byte[]> consumer;

    /** Reads from the broker that {@code kafka} names. */
    static KafkaSourceRecords of(Map<String, Object> kafka, String topic) {
        return new KafkaSourceRecords(() -> new KafkaConsumer<>(settings(kafka)), topic);
    }

    KafkaSourceRecords(Supplier<Consumer<byte[], byte[]>> connect, String topic) {
        this.connect = connect;
        this.topic = topic;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread reader = new Thread(task, "source-records");
            reader.setDaemon(true);
            return reader;
        });
    }

    static Map<String, Object> settings(Map<String, Object> kafka) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        // One record is wanted at a time: fetch little, and do not wait for more.
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 16 * 1024);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return settings;
    }

    @Override
    public CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>> read(SourcePosition position) {
        return CompletableFuture.supplyAsync(() -> readNow(position), thread);
    }

    private Optional<ConsumerRecord<byte[], byte[]>> readNow(SourcePosition position) {
        if (consumer == null) {
            consumer = connect.get();
        }
        if (position.partition() >= TopicPartitions.of(consumer, topic).size()) {
            return Optional.empty();
        }
        TopicPartition partition = new TopicPartition(topic, position.partition());
        consumer.assign(List.of(partition));
        consumer.seek(partition, position.offset());
        long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
                return record.offset() == position.offset() ? Optional.of(record) : Optional.empty();
            }
            // Compaction may have left nothing but gaps behind the position.
            if (consumer.position(partition) > position.offset()) {
                return Optional.empty();
            }
        }
        throw new TimeoutException(topic + "-" + position.partition() + " gave no record at offset " + position.offset()
                + " in " + READ_TIMEOUT.toSeconds() + " s");
    }

    @Override
    public void close() {
        thread.execute(() -> {
            if (consumer != null) {
                consumer.close();
            }
        });
        thread.shutdown();
    }
}
