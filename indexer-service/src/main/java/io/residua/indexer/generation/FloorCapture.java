package io.residua.indexer.generation;

import io.residua.common.topic.TopicOffsets;
import io.residua.indexer.assign.SourceFloor;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * From time to time captures the end offsets of the source. Once everything below them has been answered they become
 * the newest floor. {@link #newest} may be called by any thread, everything else belongs to the control loop's.
 */
final class FloorCapture implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofMinutes(30);

    private final TopicOffsets offsets;
    private final Supplier<Consumer<byte[], byte[]>> readers;
    private final GenerationTopics topics;
    private volatile SourceFloor newest = SourceFloor.NONE;
    private BuildProgress capture;
    private long nextCapture;

    FloorCapture(TopicOffsets offsets, Supplier<Consumer<byte[], byte[]>> readers, GenerationTopics topics) {
        this.offsets = offsets;
        this.readers = readers;
        this.topics = topics;
        this.nextCapture = System.nanoTime() + INTERVAL.toNanos();
    }

    /** The newest floor known on this replica. */
    SourceFloor newest() {
        return newest;
    }

    /** Sets a floor that was determined elsewhere. */
    void captured(SourceFloor floor) {
        newest = floor;
    }

    /** Captures when it is due, and checks whether the last capture has been answered. */
    void advance(long now) {
        if (capture == null && now - nextCapture >= 0) {
            nextCapture = now + INTERVAL.toNanos();
            capture = BuildProgress.open(offsets, readers, topics);
        }
        if (capture != null && capture.isComplete()) {
            captured(capture.floor());
            close();
        }
    }

    @Override
    public void close() {
        if (capture != null) {
            capture.close();
            capture = null;
        }
    }
}
