package io.residua.stack.tour;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads the committed records of a topic from the beginning. */
final class TopicReader implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    /** Starts at the beginning of {@code topic}, which must exist. */
    TopicReader(Clients clients, String topic) {
        consumer = clients.reader();
        partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Polls once and passes each record to {@code each}. */
    void poll(Duration timeout, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        consumer.poll(timeout).forEach(each);
    }

    /** Passes every record from the current position up to the present end to {@code each}. */
    void readToEnd(Consumer<ConsumerRecord<byte[], byte[]>> each) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(POLL_TIMEOUT, each);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
