package io.residua.trainer.job;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.common.topic.TopicTail;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes to and reads from a broker's topics, as another program would. */
final class TopicLog implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    private final String bootstrapServers;
    private final KafkaProducer<byte[], byte[]> producer;

    TopicLog(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends an event and waits for the broker. */
    void send(String topic, String key, Object event) throws ExecutionException, InterruptedException {
        producer.send(CloudEvents.record(topic, key, event, "/test")).get();
    }

    /** Sends a value as it is; {@link #flush} waits for the broker. */
    void send(String topic, String key, byte[] value, Headers headers) {
        producer.send(
                new ProducerRecord<>(topic, null, key.getBytes(StandardCharsets.UTF_8), value, headers), (m, e) -> {
                    if (e != null) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    void flush() {
        producer.flush();
    }

    /** All committed events of a key that are in the topic now. */
    <T> List<T> events(String topic, String key, Class<T> type) {
        List<T> events = new ArrayList<>();
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "none");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try (TopicTail tail = new TopicTail(consumer, Set.of(topic))) {
            tail.readToInitialEnds(() -> false, record -> {
                if (key.equals(new String(record.key(), StandardCharsets.UTF_8))) {
                    events.add(Json.read(record.value(), type));
                }
            });
        }
        return events;
    }

    /** Waits, a bounded time, for an event that fulfils a condition. */
    <T> T await(String topic, String key, Class<T> type, Predicate<T> condition) throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            List<T> events = events(topic, key, type);
            Optional<T> found = events.stream().filter(condition).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no such event of " + key + " in " + topic + ", only " + events);
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
