package io.residua.indexer.generation;

import static io.residua.indexer.generation.KafkaClients.await;

import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.wire.GenerationTopics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds out how much of what was in {@code item-embeddings} when a generation opened has been answered.
 *
 * <p>The stages are followed one after another: once a stage has consumed all it had to, the end of the topic behind it
 * bounds what the next one has to consume, because a stage commits what it consumed together with what it sent. An item
 * may stay in the prefix stage beyond the commit of its request; those are the live keys of the waiting store's
 * changelog. All of that is on the broker, so that any replica can tell, and the answer holds across crashes.
 */
final class BuildProgress implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    /** How long one look may take; the next one goes on where it ended. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** What is followed, in this order. */
    private enum Stage {
        ENCODE,
        ITEMS,
        PREFIXES,
        WAITING,
        ANSWERS,
        COMPLETE
    }

    private final Admin admin;
    private final Consumer<byte[], byte[]> reader;
    private final GenerationTopics topics;
    private final Map<TopicPartition, Long> first;
    private final Map<TopicPartition, Long> sourceEnds;
    private final Map<TopicPartition, Long> changelogRead = new HashMap<>();
    private final Set<ByteBuffer> waiting = new HashSet<>();
    private Stage stage = Stage.ENCODE;
    private Map<TopicPartition, Long> stageEnds;
    private long encoded;

    BuildProgress(Admin admin, Consumer<byte[], byte[]> reader, GenerationTopics topics) {
        this.admin = admin;
        this.reader = reader;
        this.topics = topics;
        List<TopicPartition> source = partitions(topics.embeddings());
        this.first = new HashMap<>(reader.beginningOffsets(source));
        this.sourceEnds = ends(topics.embeddings());
        this.stageEnds = sourceEnds;
    }

    /** Offsets there were to consume at the opening. */
    long total() {
        return sourceEnds.keySet().stream()
                .mapToLong(partition -> sourceEnds.get(partition) - first.get(partition))
                .sum();
    }

    /** Offsets of those that have been encoded, as of the last {@link #isComplete}. */
    long done() {
        return encoded;
    }

    /** Looks at the broker; true once everything has been answered. */
    boolean isComplete() {
        while (stage != Stage.COMPLETE && isStageDone()) {
            stage = Stage.values()[stage.ordinal() + 1];
            stageEnds = endsOf(stage);
        }
        return stage == Stage.COMPLETE;
    }

    private boolean isStageDone() {
        return switch (stage) {
            case ENCODE -> consumed(topics.encodeGroup());
            case ITEMS, PREFIXES, ANSWERS -> consumed(topics.application());
            case WAITING -> nobodyWaits();
            case COMPLETE -> true;
        };
    }

    private Map<TopicPartition, Long> endsOf(Stage newStage) {
        return switch (newStage) {
            case ENCODE -> sourceEnds;
            case ITEMS -> ends(topics.latents());
            case PREFIXES -> ends(topics.requests());
            case WAITING -> ends(waitingChangelog());
            case ANSWERS -> ends(topics.grants());
            case COMPLETE -> Map.of();
        };
    }

    /** Where a topic ends, open transactions included: what a stage has committed may lie behind another's open one. */
    private Map<TopicPartition, Long> ends(String topic) {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions(topic).forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        await(admin.listOffsets(latest).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private String waitingChangelog() {
        return topics.application() + "-" + AssignTopology.WAITING + "-changelog";
    }

    /** Whether a group has committed everything below {@link #stageEnds}. */
    private boolean consumed(String group) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<TopicPartition, Long> earliest =
                await(admin.listOffsets(asSpecs(OffsetSpec.earliest())).all()).entrySet().stream()
                        .collect(
                                HashMap::new,
                                (map, e) -> map.put(e.getKey(), e.getValue().offset()),
                                Map::putAll);
        boolean complete = true;
        long sum = 0;
        for (Map.Entry<TopicPartition, Long> end : stageEnds.entrySet()) {
            OffsetAndMetadata offset = committed.get(end.getKey());
            long position = Math.max(earliest.get(end.getKey()), offset == null ? 0 : offset.offset());
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

    private Map<TopicPartition, OffsetSpec> asSpecs(OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> specs = new HashMap<>();
        stageEnds.keySet().forEach(partition -> specs.put(partition, spec));
        return specs;
    }

    /** Whether there is, or may yet be, a committed record between two offsets. */
    private boolean hasRecords(TopicPartition partition, long from, long to) {
        reader.assign(List.of(partition));
        reader.seek(partition, from);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (reader.position(partition) < to) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                return record.offset() < to;
            }
            if (System.nanoTime() > deadline) {
                return true;
            }
        }
        return false;
    }

    /** Reads on in the waiting store's changelog; true if no key below {@link #stageEnds} is left without a tombstone. */
    private boolean nobodyWaits() {
        reader.assign(stageEnds.keySet());
        for (TopicPartition partition : stageEnds.keySet()) {
            Long position = changelogRead.get(partition);
            if (position == null) {
                reader.seekToBeginning(List.of(partition));
            } else {
                reader.seek(partition, position);
            }
        }
        Map<TopicPartition, Long> ends = reader.endOffsets(stageEnds.keySet());
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!hasReached(ends) && System.nanoTime() < deadline) {
            reader.poll(POLL).forEach(this::noteWaiting);
        }
        stageEnds.keySet().forEach(partition -> changelogRead.put(partition, reader.position(partition)));
        return hasReached(stageEnds) && waiting.isEmpty();
    }

    private boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue());
    }

    /** Keeps the keys that were put below the end of the stage and not deleted since, wherever their tombstone is. */
    private void noteWaiting(ConsumerRecord<byte[], byte[]> record) {
        ByteBuffer key = ByteBuffer.wrap(record.key());
        if (record.value() == null) {
            waiting.remove(key);
        } else if (record.offset() < stageEnds.get(new TopicPartition(record.topic(), record.partition()))) {
            waiting.add(key);
        }
    }

    private List<TopicPartition> partitions(String topic) {
        return reader.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    @Override
    public void close() {
        reader.close();
    }
}
