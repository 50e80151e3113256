package io.residua.indexer.encode;

import io.residua.common.topic.TopicOffsets;
import io.residua.indexer.wire.GenerationTopics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

    private final TopicOffsets offsets;
    private final String group;
    private final List<TopicPartition> requests;
    private int sinceCheck;
    private volatile boolean closed;

    RequestBacklog(TopicOffsets offsets, GenerationTopics topics, int partitions) {
        this.offsets = offsets;
        this.group = topics.application();
        this.requests = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topics.requests(), partition))
                .toList();
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
        Map<TopicPartition, Long> committed = offsets.committed(group);
        Map<TopicPartition, Long> first = offsets.beginnings(requests);
        return offsets.ends(requests).entrySet().stream()
                .mapToLong(end -> end.getValue() - committed.getOrDefault(end.getKey(), first.get(end.getKey())))
                .max()
                .orElse(0);
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
    }
}
