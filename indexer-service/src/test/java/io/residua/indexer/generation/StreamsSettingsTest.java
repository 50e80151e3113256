package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.wire.GenerationTopics;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamsSettingsTest {
    private static final GenerationTopics TOPICS =
            new GenerationTopics("app-v", "embeddings", "dlq", "latents", "requests", "grants", "codes");

    @ParameterizedTest
    @CsvSource({"20000, 20000", "1048588, 262144"})
    void batchesAreNoLargerThanTheTopicTakes(int maxMessageBytes, int batchSize) {
        // Given
        Properties settings = settings(Map.of());

        // When
        StreamsSettings.limitBatches(settings, maxMessageBytes);

        // Then
        assertThat(settings).containsEntry("producer.batch.size", batchSize);
    }

    @Test
    void standbysAreAsManyAsConfigured() {
        assertThat(settings(Map.of())).containsEntry("num.standby.replicas", 0);
        assertThat(settings(Map.of("residua.index.standby-replicas", "2"))).containsEntry("num.standby.replicas", 2);
    }

    @Test
    void changelogsAreCompactedSoonAndKeepTombstonesForADay() {
        assertThat(settings(Map.of()))
                .containsEntry("topic.segment.bytes", 32 << 20)
                .containsEntry("topic.delete.retention.ms", 86_400_000L);
    }

    private static Properties settings(Map<String, String> config) {
        return StreamsSettings.of(Map.of(), TOPICS, GenerationSamples.indexerConfig(config), "1", (short) 1);
    }

    @Test
    void largestRecordFollowsFromTheProducersMemory() {
        assertThat(StreamsSettings.maxProducerRecordBytes(Map.of())).isEqualTo(32 << 20);
        assertThat(StreamsSettings.maxProducerRecordBytes(Map.of("buffer.memory", "4096")))
                .isEqualTo(4096);
        assertThat(StreamsSettings.maxProducerRecordBytes(Map.of("buffer.memory", 1L << 40)))
                .isEqualTo(64 << 20);
    }
}
