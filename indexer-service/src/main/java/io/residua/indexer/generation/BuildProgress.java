package io.residua.indexer.generation;

import io.residua.common.topic.TopicOffsets;
import io.residua.common.topic.TopicPartitions;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.assign.SourceFloor;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.PrefixCommandV2;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Determines how many of the records that {@code item-embeddings} held at opening have been answered.
 *
 * <p>It follows the stages one after another. When a stage has consumed everything up to a captured end, the end of its
 * output topic is captured for the next stage. This is safe because a stage commits its input and output in one
 * transaction. An item can wait in the prefix stage after its request has been committed; these items are the live keys
 * of the waiting store's changelog. A resolution can spill a request to another prefix, so the passes over requests and
 * waiting store repeat until one sees no spilled request. All information comes from the broker, so any replica can
 * determine it, also after a crash.
 */
final class BuildProgress implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    /** Time limit of one check. The next check continues where it ended. */
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(1);

    /** An item tries at most 64 prefixes, one in each pass, and is refused in the pass after. */
    private static final int MAX_PASSES = 65;

    /** The stages in order. SPILLS leads back to REQUESTS while there are spilled requests. */
    private enum Stage {
        ENCODE,
        REQUESTS,
        WAITING,
        SPILLS,
        GRANTS,
        COMPLETE
    }

    private final TopicOffsets offsets;
    private final Consumer<byte[], byte[]> reader;
    private final GenerationTopics topics;
    private final long capturedAt = System.currentTimeMillis();
    private final Map<TopicPartition, Long> first;
    private final Map<TopicPartition, Long> sourceEnds;
    private final Map<TopicPartition, Long> readUpTo = new HashMap<>();
    private final Map<TopicPartition, Long> sourceReadUpTo = new HashMap<>();
    private LiveKeys waiting;
    private Stage stage = Stage.ENCODE;
    private Map<TopicPartition, Long> stageEnds;
    private Map<TopicPartition, Long> passEnds;
    private int passes;
    private long encoded;

    /** Captures the present end offsets of the source. */
    static BuildProgress open(
            TopicOffsets offsets, Supplier<Consumer<byte[], byte[]>> readers, GenerationTopics topics) {
        Consumer<byte[], byte[]> reader = readers.get();
        try {
            return new BuildProgress(offsets, reader, topics);
        } catch (RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    private BuildProgress(TopicOffsets offsets, Consumer<byte[], byte[]> reader, GenerationTopics topics) {
        this.offsets = offsets;
        this.reader = reader;
        this.topics = topics;
        this.first = offsets.beginnings(TopicPartitions.of(reader, topics.embeddings()));
        this.sourceEnds = ends(topics.embeddings());
        this.stageEnds = sourceEnds;
    }

    /** Number of source offsets at opening. */
    long total() {
        return sourceEnds.keySet().stream()
                .mapToLong(partition -> sourceEnds.get(partition) - first.get(partition))
                .sum();
    }

    /** How many of them had been encoded at the last call of {@link #isComplete}. */
    long done() {
        return encoded;
    }

    /**
     * Whether the source held anything but deletions at the opening; reads it up to the first embedding.
     *
     * @throws TimeoutException if that takes too long; the next call reads on
     */
    boolean sourceHasEmbeddings() {
        seek(sourceEnds.keySet(), sourceReadUpTo);
        long deadline = System.nanoTime() + CHECK_TIMEOUT.toNanos();
        while (!hasReached(sourceEnds)) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                if (record.value() != null) {
                    return true;
                }
            }
            if (System.nanoTime() > deadline) {
                notePositions(sourceEnds.keySet(), sourceReadUpTo);
                throw new TimeoutException("no embedding of " + topics.embeddings() + " was found yet");
            }
        }
        return false;
    }

    /** The captured source offsets. Everything below them is answered once {@link #isComplete} returns true. */
    SourceFloor floor() {
        Map<Integer, Long> offsets = new HashMap<>();
        sourceEnds.forEach((partition, end) -> offsets.put(partition.partition(), end));
        return new SourceFloor(capturedAt, offsets);
    }

    /** Checks the broker. Returns true once everything has been answered. */
    boolean isComplete() {
        try {
            while (stage != Stage.COMPLETE && isStageDone()) {
                enter(Stage.values()[stage.ordinal() + 1]);
            }
        } catch (UnknownTopicOrPartitionException e) {
            // Kafka Streams creates the changelog after the opening; the next check asks again.
            return false;
        }
        return stage == Stage.COMPLETE;
    }

    private boolean isStageDone() {
        return switch (stage) {
            case ENCODE -> consumed(topics.encodeGroup());
            case REQUESTS, GRANTS -> consumed(topics.application());
            case WAITING -> waiting.noneBelow(stageEnds, System.nanoTime());
            case SPILLS -> hasNoSpilledRequest();
            case COMPLETE -> true;
        };
    }

    private void enter(Stage next) {
        // Before anything changes: if the broker does not answer, the stage before is checked again.
        Map<TopicPartition, Long> ends = endsFor(next);
        readUpTo.clear();
        switch (next) {
            case REQUESTS -> {
                passEnds = ends;
                passes++;
            }
            case WAITING -> waiting = waiting == null ? new LiveKeys(reader, List.copyOf(ends.keySet())) : waiting;
            case SPILLS -> readUpTo.putAll(passEnds);
            default -> {
                // Needs its ends only.
            }
        }
        stage = next;
        stageEnds = ends;
    }

    private Map<TopicPartition, Long> endsFor(Stage next) {
        return switch (next) {
            case ENCODE -> sourceEnds;
            case REQUESTS, SPILLS -> ends(topics.requests());
            case WAITING -> ends(waitingChangelog());
            case GRANTS -> ends(topics.grants());
            case COMPLETE -> Map.of();
        };
    }

    /** Reads the requests that came during this pass; a spilled one among them begins the next pass. */
    private boolean hasNoSpilledRequest() {
        Map<TopicPartition, Long> beginnings = offsets.beginnings(stageEnds.keySet());
        boolean purged = beginnings.entrySet().stream()
                .anyMatch(beginning -> readUpTo.get(beginning.getKey()) < beginning.getValue());
        if (passes < MAX_PASSES && (purged || spilledBelowStageEnds())) {
            enter(Stage.REQUESTS);
            return false;
        }
        return passes >= MAX_PASSES || hasReached(stageEnds);
    }

    private boolean spilledBelowStageEnds() {
        seek(stageEnds.keySet(), readUpTo);
        long deadline = System.nanoTime() + CHECK_TIMEOUT.toNanos();
        while (!hasReached(stageEnds) && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                if (record.value() != null && PrefixCommandV2.isSpilled(record.value())) {
                    return true;
                }
            }
        }
        notePositions(stageEnds.keySet(), readUpTo);
        return false;
    }

    /**
     * End offsets including open transactions, because committed records can follow an open transaction of another
     * task.
     */
    private Map<TopicPartition, Long> ends(String topic) {
        return offsets.ends(TopicPartitions.of(reader, topic));
    }

    private String waitingChangelog() {
        return topics.application() + "-" + AssignTopology.WAITING + "-changelog";
    }

    /** Whether a group has committed everything below {@link #stageEnds}. */
    private boolean consumed(String group) {
        Map<TopicPartition, Long> committed = offsets.committed(group);
        Map<TopicPartition, Long> earliest = offsets.beginnings(stageEnds.keySet());
        boolean complete = true;
        long sum = 0;
        for (Map.Entry<TopicPartition, Long> end : stageEnds.entrySet()) {
            long position = Math.max(earliest.get(end.getKey()), committed.getOrDefault(end.getKey(), 0L));
            // Behind the last record there may be transaction markers and gaps that no commit ever covers.
            boolean done = position >= end.getValue() || !hasRecords(end.getKey(), position, end.getValue());
            complete &= done;
            sum += (done ? end.getValue() : position) - first.getOrDefault(end.getKey(), 0L);
        }
        if (stage == Stage.ENCODE) {
            encoded = Math.max(encoded, sum);
        }
        return complete;
    }

    /** Whether there is, or may yet be, a committed record between two offsets. */
    private boolean hasRecords(TopicPartition partition, long from, long to) {
        reader.assign(List.of(partition));
        reader.seek(partition, from);
        long deadline = System.nanoTime() + CHECK_TIMEOUT.toNanos();
        while (reader.position(partition) < to) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                return record.offset() < to;
            }
            if (System.nanoTime() > deadline) {
                return true;
            }
        }
        return false;
    }

    /** Continues where the last check ended, at the beginning if there was none. */
    private void seek(Collection<TopicPartition> partitions, Map<TopicPartition, Long> positions) {
        reader.assign(partitions);
        for (TopicPartition partition : partitions) {
            Long position = positions.get(partition);
            if (position == null) {
                reader.seekToBeginning(List.of(partition));
            } else {
                reader.seek(partition, position);
            }
        }
    }

    private void notePositions(Collection<TopicPartition> partitions, Map<TopicPartition, Long> positions) {
        partitions.forEach(partition -> positions.put(partition, reader.position(partition)));
    }

    private boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        reader.close();
    }
}
