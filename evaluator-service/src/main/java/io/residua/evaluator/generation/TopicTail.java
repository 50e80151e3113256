package io.residua.evaluator.generation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads small topics whole and then follows them: every replica sees every committed record, from the first one on.
 * Belongs to the thread that polls, but for {@link #isConnected}.
 */
final class TopicTail implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> handlers;
    private final Map<TopicPartition, Long> initialEnds;
    private boolean caughtUp;

    /**
     * Follows topics that exist.
     *
     * @param kafka settings that every Kafka client gets
     * @param handlers what to do with the records of each topic
     * @throws org.apache.kafka.common.errors.RetriableException if the broker does not answer
     */
    TopicTail(Map<String, Object> kafka, Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> handlers) {
        this.handlers = Map.copyOf(handlers);
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "residua-evaluator-tail");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            initialEnds = assign();
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private Map<TopicPartition, Long> assign() {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : handlers.keySet()) {
            consumer.partitionsFor(topic)
                    .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer.endOffsets(partitions);
    }

    /**
     * Hands what has come in to the handlers.
     *
     * @return whether everything has been seen that was there at the beginning
     */
    boolean poll(Duration timeout) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
            handlers.get(record.topic()).accept(record);
        }
        if (!caughtUp) {
            caughtUp =
                    initialEnds.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
        }
        return caughtUp;
    }

    /** Whether there is a connection to a broker; any thread may ask. */
    boolean isConnected() {
        return consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("connection-count"))
                .anyMatch(metric -> ((Number) metric.getValue().metricValue()).doubleValue() > 0);
    }

    /** Makes a poll that is under way end with a {@code WakeupException}; any thread may call it. */
    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
