package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.assign.SourceFloor;
import io.residua.indexer.wire.GenerationTopics;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FloorCaptureTest {
    private static final GenerationTopics TOPICS = GenerationSamples.topics("v1");
    private static final byte[] KEY = {1};

    private final MemoryTopics topics = new MemoryTopics()
            .with(TOPICS.embeddings(), 1)
            .with(TOPICS.requests(), 1)
            .with(TOPICS.application() + "-waiting-changelog", 1)
            .with(TOPICS.grants(), 1);
    private final FloorCapture capture = new FloorCapture(topics, topics::reader, TOPICS);
    private long now = System.nanoTime();

    @BeforeEach
    void oneEmbedding() {
        topics.add(TOPICS.embeddings(), KEY, KEY);
    }

    @AfterEach
    void close() {
        capture.close();
    }

    @Test
    void nothingIsCapturedBeforeItIsTimeTo() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), TOPICS.embeddings());

        // When
        capture.advance(now);

        // Then
        assertThat(capture.newest()).isEqualTo(SourceFloor.NONE);
        assertThat(topics.endsAsked).isEmpty();
    }

    @Test
    void endsBecomeTheFloorOnlyOnceEverythingBelowThemIsAnswered() {
        // When
        advanceByInterval();
        SourceFloor captured = capture.newest();
        topics.add(TOPICS.embeddings(), KEY, KEY);
        topics.commitAll(TOPICS.encodeGroup(), TOPICS.embeddings());
        topics.add(TOPICS.grants(), KEY, KEY);
        capture.advance(now);
        SourceFloor encoded = capture.newest();
        topics.commitAll(TOPICS.application(), TOPICS.grants());
        capture.advance(now);

        // Then
        assertThat(captured).isEqualTo(SourceFloor.NONE);
        assertThat(encoded).isEqualTo(SourceFloor.NONE);
        assertThat(capture.newest().offsets()).isEqualTo(Map.of(0, 1L));
    }

    @Test
    void floorRises() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), TOPICS.embeddings());
        advanceByInterval();
        SourceFloor first = capture.newest();
        topics.add(TOPICS.embeddings(), KEY, KEY);
        topics.commitAll(TOPICS.encodeGroup(), TOPICS.embeddings());

        // When
        capture.advance(now);
        SourceFloor tooEarly = capture.newest();
        advanceByInterval();

        // Then
        assertThat(first.offsets()).isEqualTo(Map.of(0, 1L));
        assertThat(tooEarly).isEqualTo(first);
        assertThat(capture.newest().offsets()).isEqualTo(Map.of(0, 2L));
    }

    @Test
    void floorThatTheBuildHasFoundCounts() {
        // Given
        SourceFloor known = new SourceFloor(5, Map.of(0, 7L));

        // When
        capture.captured(known);

        // Then
        assertThat(capture.newest()).isEqualTo(known);
    }

    private void advanceByInterval() {
        now += FloorCapture.INTERVAL.toNanos() + 1_000_000_000L;
        capture.advance(now);
    }
}
