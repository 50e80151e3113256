package io.residua.indexer.generation;

import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.encode.EncodeCounts;
import io.residua.indexer.encode.EncodeModel;
import io.residua.indexer.encode.EncodeStage;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.TaskMetadata;
import org.jboss.logging.Logger;

/** The pipeline that {@link GenerationOpener} creates. Used by the control loop's thread. */
final class StreamsPipeline implements Pipeline {
    private static final Logger LOG = Logger.getLogger(StreamsPipeline.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

    private final GenerationTopics topics;
    private final Device device;
    private final KafkaStreams streams;
    private final EncodeStage encode;
    private final EncodeModel model;
    private final Readers readers;
    private volatile boolean encoding = true;

    /**
     * Readers of topics beside the pipeline.
     *
     * @param progress {@code null} if the generation is known to be ready
     */
    record Readers(
            AutoCloseable sourceRecords, ItemCountsReader itemCounts, FloorCapture floor, BuildProgress progress) {}

    StreamsPipeline(
            GenerationTopics topics,
            Device device,
            KafkaStreams streams,
            EncodeStage encode,
            EncodeModel model,
            Readers readers) {
        this.topics = topics;
        this.device = device;
        this.streams = streams;
        this.encode = encode;
        this.model = model;
        this.readers = readers;
    }

    @Override
    public boolean isComplete() {
        if (readers.progress() == null) {
            return true;
        }
        boolean complete = readers.progress().isComplete();
        if (complete) {
            readers.floor().captured(readers.progress().floor());
        }
        return complete;
    }

    @Override
    public long total() {
        return readers.progress() == null ? 0 : readers.progress().total();
    }

    @Override
    public long done() {
        return readers.progress() == null ? 0 : readers.progress().done();
    }

    @Override
    public boolean sourceHasEmbeddings() {
        return readers.progress() != null && readers.progress().sourceHasEmbeddings();
    }

    @Override
    public void captureFloor() {
        readers.floor().advance(System.nanoTime());
    }

    @Override
    public Items items() {
        return readers.itemCounts().read();
    }

    @Override
    public EncodeCounts encodeCounts() {
        return model.counts();
    }

    @Override
    public void onReady() {
        model.onReady();
    }

    @Override
    public void stopEncoding() {
        if (encoding) {
            encoding = false;
            encode.close();
        }
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public boolean isStatusWriter() {
        TopicPartition first = new TopicPartition(topics.grants(), 0);
        return streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .map(TaskMetadata::topicPartitions)
                .anyMatch(partitions -> partitions.contains(first));
    }

    @Override
    public int tasks() {
        return streams.metadataForLocalThreads().stream()
                .mapToInt(thread -> thread.activeTasks().size())
                .sum();
    }

    @Override
    public boolean isServing() {
        return streams.state() == KafkaStreams.State.RUNNING && !mustEncodeAgain();
    }

    @Override
    public Optional<String> encodeTrouble() {
        return encoding ? encode.trouble() : Optional.empty();
    }

    /** Whether encoding was stopped here, but another replica has made the generation ready since. */
    private boolean mustEncodeAgain() {
        return !encoding && !model.counts().isExhausted();
    }

    @Override
    public Optional<String> failure() {
        if (mustEncodeAgain()) {
            return Optional.of("encoding was stopped here");
        }
        if (streams.state() == KafkaStreams.State.ERROR) {
            return Optional.of("Kafka Streams is in error");
        }
        return encoding ? encode.failure().map(e -> "encoding failed: " + e.getMessage()) : Optional.empty();
    }

    @Override
    public void close() {
        stopEncoding();
        if (!streams.close(CLOSE_TIMEOUT)) {
            LOG.warnf(
                    "threads still run after the close application=%s seconds=%d",
                    topics.application(), CLOSE_TIMEOUT.toSeconds());
        }
        closeQuietly(readers.sourceRecords());
        closeQuietly(readers.itemCounts());
        closeQuietly(readers.floor());
        if (readers.progress() != null) {
            closeQuietly(readers.progress());
        }
    }

    private void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warnf(e, "closing a reader failed application=%s", topics.application());
        }
    }
}
