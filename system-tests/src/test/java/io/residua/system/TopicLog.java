package io.residua.system;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** All committed records of a topic, from its start. */
final class TopicLog implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();

    TopicLog(String bootstrapServers, String topic) {
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        Poll.until("topic " + topic + " is there", Duration.ofSeconds(60), () -> consumer.listTopics()
                .containsKey(topic));
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** The records so far. */
    List<ConsumerRecord<String, byte[]>> read() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
        return records;
    }

    /** Reads on until the records satisfy {@code enough}. */
    List<ConsumerRecord<String, byte[]>> readUntil(
            String what, Duration timeout, Predicate<List<ConsumerRecord<String, byte[]>>> enough) {
        try {
            Poll.until(what, timeout, () -> enough.test(read()));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; read " + records.size() + " records", e);
        }
        return records;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
