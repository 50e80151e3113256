package io.residua.common.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads all partitions of some topics from the beginning, without a consumer group. So every replica reads every record.
 * Used by one thread, except {@link #wakeup} and {@link #isConnected}.
 */
public final class TopicTail implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> initialEnds;

    /**
     * Assigns the partitions and captures their end offsets.
     *
     * @param consumer a consumer without a group; closed if this fails
     * @param topics topics that exist
     * @throws org.apache.kafka.common.errors.RetriableException if the broker does not answer
     */
    public TopicTail(Consumer<byte[], byte[]> consumer, Collection<String> topics) {
        this.consumer = consumer;
        try {
            initialEnds = assign(topics);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private Map<TopicPartition, Long> assign(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            partitions.addAll(TopicPartitions.of(consumer, topic));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer.endOffsets(partitions);
    }

    /** Polls once and passes each record to {@code each}. */
    public void poll(Duration timeout, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
        consumer.poll(timeout).forEach(each);
    }

    /**
     * Whether everything below the captured end offsets has been read. Compares positions, because transaction markers
     * and compacted records have offsets but are never returned.
     */
    public boolean hasReachedInitialEnds() {
        return initialEnds.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /**
     * Reads up to the captured end offsets and passes each record below them to {@code each}, in order within a partition.
     *
     * @param stop checked before each poll; reading ends early when it returns true
     * @return whether the end offsets were reached
     */
    public boolean readToInitialEnds(
            BooleanSupplier stop, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> each) {
        while (!stop.getAsBoolean()) {
            if (hasReachedInitialEnds()) {
                return true;
            }
            poll(POLL_TIMEOUT, record -> {
                if (record.offset() < initialEnds.get(new TopicPartition(record.topic(), record.partition()))) {
                    each.accept(record);
                }
            });
        }
        return false;
    }

    /** Whether a connection to a broker is open. May be called by any thread. */
    public boolean isConnected() {
        return consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("connection-count"))
                .anyMatch(metric -> ((Number) metric.getValue().metricValue()).doubleValue() > 0);
    }

    /** Ends a poll in progress with a {@code WakeupException}. May be called by any thread. */
    public void wakeup() {
        consumer.wakeup();
    }

    /** Closes the consumer. */
    @Override
    public void close() {
        consumer.close();
    }
}
