package io.residua.indexer.encode;

import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jboss.logging.Logger;

/**
 * Blocks the encode stage while a partition of {@code requests} holds more than {@value #MAX_UNCONSUMED} records that
 * the prefix stage has not consumed. So releases do not queue behind a backlog, and disk use is bounded. Checks the
 * broker once for every {@value #CHECK_EVERY} records sent. Used by one thread.
 */
final class RequestBacklog implements AutoCloseable {
    static final long MAX_UNCONSUMED = 20_000;
    static final int CHECK_EVERY = 4_000;

    private static final Logger LOG = Logger.getLogger(RequestBacklog.class);
    private static final long CHECK_INTERVAL_MILLIS = 20;
    private static final long TIMEOUT_SECONDS = 30;

    private final Admin admin;
    private final String group;
    private final Map<TopicPartition, OffsetSpec> ends;
    private final Map<TopicPartition, OffsetSpec> beginnings;
    private int sinceCheck;
    private volatile boolean closed;

    RequestBacklog(Map<String, Object> kafka, GenerationTopics topics, int partitions) {
        this.admin = Admin.create(kafka);
        this.group = topics.application();
        this.ends = specs(topics.requests(), partitions, OffsetSpec.latest());
        this.beginnings = specs(topics.requests(), partitions, OffsetSpec.earliest());
    }

    private static Map<TopicPartition, OffsetSpec> specs(String topic, int partitions, OffsetSpec spec) {
        return IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .collect(Collectors.toMap(partition -> partition, partition -> spec));
    }

    /**
     * Waits until {@code records} more may be sent, or the stage is closed.
     *
     * @throws KafkaException if the broker cannot be asked
     */
    void awaitRoom(int records) {
        sinceCheck += records;
        if (sinceCheck < CHECK_EVERY) {
            return;
        }
        sinceCheck = 0;
        boolean paused = false;
        while (!closed && largestBacklog() > MAX_UNCONSUMED) {
            if (!paused) {
                LOG.debugf("encoding pauses until requests are consumed group=%s", group);
                paused = true;
            }
            pause();
        }
    }

    private long largestBacklog() {
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            Map<TopicPartition, Long> first = offsets(beginnings);
            ToLongFunction<TopicPartition> consumed = partition -> {
                OffsetAndMetadata offset = committed.get(partition);
                return offset == null ? first.get(partition) : offset.offset();
            };
            return offsets(ends).entrySet().stream()
                    .mapToLong(end -> end.getValue() - consumed.applyAsLong(end.getKey()))
                    .max()
                    .orElse(0);
        } catch (ExecutionException e) {
            throw new KafkaException(
                    "the backlog of " + group + " is unknown: " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new KafkaException(
                    "the backlog of " + group + " is unknown: no answer in " + TIMEOUT_SECONDS + " s", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetSpec> specs)
            throws ExecutionException, InterruptedException, TimeoutException {
        return admin.listOffsets(specs).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(CHECK_INTERVAL_MILLIS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Releases a waiting caller. */
    @Override
    public void close() {
        closed = true;
        admin.close(Duration.ofSeconds(5));
    }
}
