package io.residua.stack.tour;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Reads all committed records of a topic from its beginning on. */
final class TopicReader implements AutoCloseable {
    private static final Duration BLINK = Duration.ofMillis(100);

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;

    /** Stands at the beginning of {@code topic}, which exists. */
    TopicReader(Clients clients, String topic) {
        consumer = clients.reader();
        partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Gives {@code each} the records that come within {@code patience}; returns as soon as there were some. */
    void poll(Duration patience, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        consumer.poll(patience).forEach(each);
    }

    /** Gives {@code each} every record from where this reader stands up to the present end. */
    void readToEnd(Consumer<ConsumerRecord<byte[], byte[]>> each) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(BLINK, each);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
