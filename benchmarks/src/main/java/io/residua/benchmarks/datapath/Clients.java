package io.residua.benchmarks.datapath;

import io.residua.stack.StackException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka clients of one broker, as an application has them. */
record Clients(String bootstrapServers) {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /** A producer that sends each record as soon as it can. */
    KafkaProducer<byte[], byte[]> producer() {
        return producer(Map.of("linger.ms", 0));
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrapServers);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer of the committed records of a topic, which exists; it stands at the topic's beginning. */
    KafkaConsumer<byte[], byte[]> reader(String topic) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                "read_committed",
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** Gives {@code each} what is between a reader and the present end of its topic. */
    static void readToEnd(KafkaConsumer<byte[], byte[]> reader, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
        while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
            reader.poll(POLL_TIMEOUT).forEach(each);
        }
    }

    /** Returns when a topic exists. */
    void awaitTopic(String topic) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        try (Admin admin = admin()) {
            while (!get(admin.listTopics().names()).contains(topic)) {
                if (System.nanoTime() > deadline) {
                    throw new StackException("there is no topic " + topic + " on " + bootstrapServers);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    /** What the broker answers within a minute. */
    static <T> T get(Future<T> answer) {
        try {
            return answer.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw new StackException("the broker refused: " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new StackException("the broker did not answer in a minute", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StackException("interrupted", e);
        }
    }
}
