package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Refused;
import io.residua.indexer.generation.GenerationState.RemainingData;
import io.residua.indexer.generation.GenerationState.Retired;
import io.residua.indexer.generation.GenerationState.Superseded;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatusRecordsTest {
    private static final Instant THEN = Instant.parse("2026-02-03T04:05:06Z");
    private static final Instant NOW = Instant.parse("2026-02-03T05:05:06Z");

    static List<GenerationState> states() {
        return List.of(
                new Building(3, 10),
                new Paused(3, 10, "accepted none"),
                new Ready(10, THEN),
                new Superseded(10, THEN, NOW),
                new Refused("encoder.onnx is missing"),
                new Retired(NOW, RemainingData.ALL),
                new Retired(NOW, RemainingData.NONE));
    }

    @ParameterizedTest
    @MethodSource("states")
    void everyStateSurvivesItsRecord(GenerationState state) {
        // When
        IndexStatus status = StatusRecords.in(state, GenerationSamples.ready("v1"), NOW);
        IndexStatus read = Json.read(Json.write(status), IndexStatus.class);

        // Then
        assertThat(StatusRecords.state(read)).isEqualTo(state);
    }

    @Test
    void retiredGenerationOfWhichOnlyTheCodesAreLeftIsToldByItsTopics() {
        // Given
        IndexStatus retired = GenerationSamples.retired("v1");

        // When
        IndexStatus codesOnly = StatusRecords.identified(
                retired,
                retired.identity()
                        .withTopics(List.of(
                                retired.identity().topic(retired.codesTopic()).orElseThrow())),
                null);

        // Then
        assertThat(StatusRecords.state(codesOnly)).isEqualTo(new Retired(GenerationSamples.START, RemainingData.CODES));
    }

    @Test
    void recordsOfAnEarlierReleaseHaveTheTimeTheyWereWrittenAt() {
        // When
        GenerationState state = StatusRecords.state(
                new IndexStatus("v1", IndexStatus.State.READY, "item-codes-v1", "id", 7, 7, null, THEN));

        // Then
        assertThat(state).isEqualTo(new Ready(7, THEN));
    }

    @Test
    void refusedGenerationKeepsWhatItIsKnownBy() {
        // Given
        IndexStatus ready = GenerationSamples.ready("v1").withPinned(true, THEN);

        // When
        IndexStatus refused = StatusRecords.refused("v1", "item-codes-v1", "topic was deleted", ready, NOW);

        // Then
        assertThat(refused.identity()).isEqualTo(ready.identity());
        assertThat(refused.history()).isEqualTo(ready.history());
        assertThat(refused.isPinned()).isTrue();
        assertThat(refused.reason()).isEqualTo("topic was deleted");
    }
}
