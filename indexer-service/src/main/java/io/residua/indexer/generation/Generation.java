package io.residua.indexer.generation;

import io.residua.common.device.Device;
import io.residua.indexer.encode.EncodeStage;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.jboss.logging.Logger;

/**
 * One model version's running pipeline on this replica. Made by {@link GenerationOpener}, which has loaded and checked
 * everything before; driven by the control loop's thread.
 */
final class Generation implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Generation.class);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(20);

    private final String modelVersion;
    private final String sourceTopicId;
    private final Device device;
    private final GenerationTopics topics;
    private final KafkaStreams streams;
    private final EncodeStage encode;
    private final AutoCloseable sourceRecords;
    private final FloorCapture floor;
    private BuildProgress progress;
    private volatile GenerationState state;

    /** A pipeline that has been started; {@code progress} is {@code null} if it is known to be ready. */
    Generation(
            String modelVersion,
            String sourceTopicId,
            Device device,
            GenerationTopics topics,
            KafkaStreams streams,
            EncodeStage encode,
            AutoCloseable sourceRecords,
            FloorCapture floor,
            BuildProgress progress) {
        this.modelVersion = modelVersion;
        this.sourceTopicId = sourceTopicId;
        this.device = device;
        this.topics = topics;
        this.streams = streams;
        this.encode = encode;
        this.sourceRecords = sourceRecords;
        this.floor = floor;
        this.progress = progress;
        this.state = progress == null ? new Ready(0) : new Building(0, progress.total());
    }

    String modelVersion() {
        return modelVersion;
    }

    String sourceTopicId() {
        return sourceTopicId;
    }

    /** Where its encoder runs. */
    Device device() {
        return device;
    }

    GenerationTopics topics() {
        return topics;
    }

    GenerationState state() {
        return state;
    }

    /** Looks how far the generation is. */
    void advance() {
        if (state instanceof Building building) {
            boolean complete = progress.isComplete();
            Building advanced = building.advancedTo(progress.done());
            state = complete ? advanced.toReady() : advanced;
            if (complete) {
                floor.captured(progress.floor());
                progress.close();
                progress = null;
                LOG.infof("generation ready version=%s records=%d", modelVersion, advanced.total());
            }
        } else {
            floor.advance(System.nanoTime());
        }
    }

    /** Whether this replica speaks for the generation: it has the item stage's first partition. */
    boolean isSpokesman() {
        TopicPartition first = new TopicPartition(topics.grants(), 0);
        return streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .map(TaskMetadata::topicPartitions)
                .anyMatch(partitions -> partitions.contains(first));
    }

    /** How many of the generation's tasks run on this replica. */
    int tasks() {
        return streams.metadataForLocalThreads().stream()
                .mapToInt(thread -> thread.activeTasks().size())
                .sum();
    }

    /** Connected, and no state being restored. */
    boolean isServing() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** Why the pipeline cannot go on by itself; {@code null} if it can. */
    String failure() {
        if (streams.state() == KafkaStreams.State.ERROR) {
            return "Kafka Streams is in error";
        }
        Throwable failure = encode.failure();
        return failure == null ? null : "encoding failed: " + failure.getMessage();
    }

    @Override
    public void close() {
        encode.close();
        streams.close(CLOSE_PATIENCE);
        try {
            sourceRecords.close();
        } catch (Exception e) {
            LOG.warnf(e, "closing a reader failed version=%s", modelVersion);
        }
        floor.close();
        if (progress != null) {
            progress.close();
        }
        LOG.infof("generation closed version=%s", modelVersion);
    }
}
