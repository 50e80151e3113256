package io.residua.indexer.encode;

import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.deadletter.DeadLetters.Letter;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends what was made of each batch, and tells when the broker has acknowledged all of it. */
final class BatchSender implements AutoCloseable {
    private static final int MAX_REQUEST_BYTES = 64 << 20;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final Producer<byte[], byte[]> letterProducer;
    private final DeadLetters deadLetters;

    /** Sends dead letters with {@code letterProducer}, everything else with {@code producer}; both are closed with this. */
    BatchSender(Producer<byte[], byte[]> producer, Producer<byte[], byte[]> letterProducer, DeadLetters deadLetters) {
        this.producer = producer;
        this.letterProducer = letterProducer;
        this.deadLetters = deadLetters;
    }

    /** Connects to the broker that {@code kafka} names. */
    static BatchSender connect(Map<String, Object> kafka, GenerationTopics topics, DeadLetters deadLetters) {
        Map<String, Object> settings = producerSettings(kafka, topics);
        Producer<byte[], byte[]> producer = new KafkaProducer<>(settings);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, topics.encodeGroup() + "-dead-letters");
        // One letter per batch: the producer splits a batch that the broker refuses as too large into batches of
        // batch.size. Where the topic takes less than that, it would send the same batch without end.
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 0);
        return new BatchSender(producer, new KafkaProducer<>(settings), deadLetters);
    }

    /** What is made of one batch. */
    Batch begin() {
        return new Batch();
    }

    /** The records of one batch; sent by one thread, acknowledged by others. */
    final class Batch {
        private final CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        private final AtomicInteger pending = new AtomicInteger(1);

        /** Sends one record. */
        void send(ProducerRecord<byte[], byte[]> record) {
            pending.incrementAndGet();
            sendCounted(record);
        }

        /** No more records follow; the result completes when the broker has acknowledged all of them. */
        CompletableFuture<Void> end() {
            oneDone();
            return acknowledged;
        }

        private void sendCounted(ProducerRecord<byte[], byte[]> record) {
            Producer<byte[], byte[]> sender = record instanceof Letter ? letterProducer : producer;
            sender.send(record, (metadata, e) -> {
                if (e instanceof RecordTooLargeException && record instanceof Letter letter) {
                    deadLetters.smaller(letter).ifPresentOrElse(this::sendCounted, this::oneDone);
                    return;
                }
                if (e != null) {
                    acknowledged.completeExceptionally(e);
                }
                oneDone();
            });
        }

        private void oneDone() {
            if (pending.decrementAndGet() == 0) {
                acknowledged.complete(null);
            }
        }
    }

    private static Map<String, Object> producerSettings(Map<String, Object> kafka, GenerationTopics topics) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, topics.encodeGroup());
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        // The broker's limit holds, not the client's: what it accepted as an embedding may become a dead letter.
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        // A batch of requests is sent at once and spreads over the partitions: what little it is worth to wait.
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        return settings;
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
        letterProducer.close(CLOSE_TIMEOUT);
    }
}
