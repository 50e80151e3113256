package io.residua.indexer.lookup;

import io.residua.indexer.generation.GenerationListener.OpenedGeneration;
import io.residua.indexer.lookup.CodeRecords.MalformedCodeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Copies a codes topic into a read model, all partitions from the model's position on. From time to time it asks where the
 * topic ends: once the model is there, it is known to have been current at that time. Used by one thread.
 */
final class CodesFeed implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CodesFeed.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    private static final Duration END_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration END_INTERVAL = Duration.ofSeconds(10);

    private final ReadModel model;
    private final LookupEnvironment environment;
    private final CodeRecords records;
    private final List<TopicPartition> partitions;
    private final Optional<Duration> tombstoneRetention;
    private final Consumer<byte[], byte[]> consumer;
    /** Where the topic ended at {@link #endsAskedAt}; {@code null} once the model was there. */
    private Map<TopicPartition, Long> ends;

    private Instant endsAskedAt = Instant.MIN;
    private boolean current;
    private boolean skippedOne;

    /** Starts at the model's position. */
    CodesFeed(ReadModel model, OpenedGeneration generation, LookupEnvironment environment) {
        this.model = model;
        this.environment = environment;
        this.records = new CodeRecords(generation.codebookSizes());
        this.partitions = IntStream.range(0, generation.codes().partitions())
                .mapToObj(partition -> new TopicPartition(generation.codes().name(), partition))
                .toList();
        this.tombstoneRetention =
                environment.tombstoneRetention().apply(generation.codes().name());
        this.consumer = environment.readers().get();
        consumer.assign(partitions);
        partitions.forEach(
                partition -> consumer.seek(partition, model.position().offset(partition.partition())));
    }

    /**
     * Reads what has come, waiting for some a moment, and applies it.
     *
     * @throws OutdatedModelException if the model is not a copy of the topic and has to be built anew
     */
    void pollOnce() {
        askForEnds();
        ConsumerRecords<byte[], byte[]> polled = poll();
        List<CodeChange> changes = new ArrayList<>(polled.count());
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            read(record, changes);
        }
        // Aborted transactions move a position without a record.
        long[] offsets = partitions.stream().mapToLong(consumer::position).toArray();
        if (!model.position().hasOffsets(offsets)) {
            model.apply(changes, offsets);
        }
        compareWithEnds();
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        try {
            return consumer.poll(POLL_TIMEOUT);
        } catch (OffsetOutOfRangeException e) {
            throw new OutdatedModelException("the topic does not have its offsets " + e.offsetOutOfRangePartitions());
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record, List<CodeChange> changes) {
        try {
            changes.add(records.read(record));
        } catch (MalformedCodeException e) {
            environment.onSkipped().run();
            if (!skippedOne) {
                skippedOne = true;
                LOG.warnf(
                        "record not understood, skipped as all like it topic=%s partition=%d offset=%d cause=%s",
                        record.topic(), record.partition(), record.offset(), e.getMessage());
            }
        }
    }

    private void askForEnds() {
        Instant now = environment.clock().instant();
        if (ends != null || now.isBefore(endsAskedAt.plus(END_INTERVAL))) {
            return;
        }
        endsAskedAt = now;
        try {
            ends = new HashMap<>(consumer.endOffsets(partitions, END_TIMEOUT));
        } catch (TimeoutException e) {
            LOG.debugf("the broker does not say where %s ends, asked again in a while", partitions);
        }
    }

    private void compareWithEnds() {
        if (ends == null) {
            return;
        }
        ReadPosition position = model.position();
        ends.entrySet().removeIf(end -> position.offset(end.getKey().partition()) >= end.getValue());
        if (ends.isEmpty()) {
            ends = null;
            requireNoDeletionMissed(position);
            current = true;
            model.setCurrentAt(endsAskedAt);
        }
    }

    private void requireNoDeletionMissed(ReadPosition position) {
        Duration gap = Duration.between(position.currentAt(), endsAskedAt);
        if (tombstoneRetention.filter(retention -> gap.compareTo(retention) > 0).isPresent()) {
            throw new OutdatedModelException(
                    "it was not current for " + gap.toHours() + " h, and the topic keeps deletions for "
                            + tombstoneRetention.get().toHours() + " h");
        }
    }

    /** Whether the model has once held everything that was in the topic. */
    boolean isCurrent() {
        return current;
    }

    /** Records that are known to be in the topic and are not applied yet. */
    long lag() {
        return partitions.stream()
                .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
                .sum();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
    }
}
