package io.residua.indexer.topic;

import io.residua.common.cli.RowProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads committed records up to captured ends and can continue later. For one thread. */
public final class CommittedRecords implements AutoCloseable {
    private static final int ANSWER_TIMEOUT_MILLIS = 20_000;
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    /** Reading fails if no record arrives for this long although some are expected. */
    private static final Duration STALLED_AFTER = Duration.ofSeconds(60);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private long read;

    /** Reads from a broker; no group is joined, nothing is committed. */
    public CommittedRecords(String bootstrapServers) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none",
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        ANSWER_TIMEOUT_MILLIS,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5_000),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /** The partitions of a topic; none if there is no such topic. */
    private List<TopicPartition> partitions(String topic) {
        return consumer.listTopics().getOrDefault(topic, List.of()).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /**
     * The partitions of a topic that has to be there.
     *
     * @throws IOException if there is no such topic
     */
    public List<TopicPartition> existing(String topic) throws IOException {
        List<TopicPartition> partitions = partitions(topic);
        if (partitions.isEmpty()) {
            throw new IOException("there is no topic " + topic);
        }
        return partitions;
    }

    /** The first offsets there are. */
    public Map<TopicPartition, Long> beginnings(List<TopicPartition> partitions) {
        return consumer.beginningOffsets(partitions);
    }

    /** The read_committed end offsets. */
    public Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        return consumer.endOffsets(partitions);
    }

    /** Records and gaps still to be read up to {@code ends}. */
    private long remaining(Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(ends.keySet());
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - start(end.getKey(), beginnings)))
                .sum();
    }

    /**
     * The same as {@link #read(Map, Consumer, Runnable)}, with a progress bar.
     *
     * @param progressOut where the bar goes
     * @param operation what it says, such as "reading"
     */
    public void read(
            Map<TopicPartition, Long> ends,
            Consumer<ConsumerRecord<byte[], byte[]>> handler,
            PrintWriter progressOut,
            String operation) {
        long[] done = {0};
        try (RowProgress progress = new RowProgress(progressOut, operation, remaining(ends))) {
            read(
                    ends,
                    record -> {
                        done[0]++;
                        handler.accept(record);
                    },
                    () -> progress.done(done[0]));
        }
    }

    /** Reads from the current position, initially the beginning, up to {@code ends}. */
    public void read(
            Map<TopicPartition, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> handler, Runnable afterPoll) {
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(ends.keySet());
        consumer.assign(ends.keySet());
        ends.keySet().forEach(partition -> consumer.seek(partition, start(partition, beginnings)));
        long stalledAt = System.nanoTime() + STALLED_AFTER.toNanos();
        while (!hasReached(ends)) {
            long before = read;
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
                if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
                    handler.accept(record);
                    read++;
                }
            }
            afterPoll.run();
            if (read > before) {
                stalledAt = System.nanoTime() + STALLED_AFTER.toNanos();
            } else if (System.nanoTime() > stalledAt) {
                throw new TimeoutException(
                        "reading " + ends.keySet() + " gave nothing for " + STALLED_AFTER.toSeconds() + " s");
            }
        }
        positions.putAll(ends);
    }

    private long start(TopicPartition partition, Map<TopicPartition, Long> beginnings) {
        return Math.max(positions.getOrDefault(partition, 0L), beginnings.get(partition));
    }

    private boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
