package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.Items;
import io.residua.indexer.encode.EncodeCounts;
import io.residua.indexer.generation.GenerationState.Building;
import io.residua.indexer.generation.GenerationState.Paused;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.generation.GenerationState.Superseded;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GenerationTest {
    private static final Coverage COVERAGE = new Coverage(0.99);
    private static final Duration LONG_ENOUGH = Duration.ofMinutes(1);

    private final FakePipeline pipeline = new FakePipeline();
    private final Generation generation =
            new Generation("v1", GenerationSamples.topics("v1"), GenerationSamples.identity("v1"), pipeline, null);
    private Instant now = GenerationSamples.START;

    @Test
    void generationThatHasAnsweredEverythingIsReadyOnceItsCountsCanHaveBeenWritten() {
        // Given
        pipeline.complete = true;

        // When
        advance(0);
        GenerationState atOnce = generation.state();
        pipeline.items = new Items(100, 1);
        now = now.plus(LONG_ENOUGH);
        advance(0);

        // Then
        assertThat(atOnce).isEqualTo(new Building(10, 10));
        assertThat(generation.state()).isEqualTo(new Ready(10, now));
    }

    @Test
    void generationThatCodedTooFewOfItsItemsIsNotReadyAndSaysWhy() {
        // Given
        pipeline.items = new Items(98, 2);

        // When
        complete(0);

        // Then
        assertThat(generation.state())
                .isEqualTo(
                        new Paused(
                                10,
                                10,
                                "98 items have a code of 100 items that could be encoded; residua.index.ready-coverage asks for 0.99"));
        assertThat(pipeline.encoding).isTrue();
    }

    @Test
    void generationThatCodedNothingOfAnythingIsNotReadyWhateverThisReplicaHasSeen() {
        // Given
        pipeline.sourceHasEmbeddings = true;

        // When
        complete(0);

        // Then
        assertThat(((Paused) generation.state()).reason()).contains("no embedding got a code");
    }

    @Test
    void encoderOfAGenerationThatWasReadyBeforeKnowsSo() {
        // Given
        pipeline.items = new Items(100, 0);
        Generation ready = new Generation(
                "v1",
                GenerationSamples.topics("v1"),
                GenerationSamples.identity("v1"),
                pipeline,
                new Ready(10, GenerationSamples.START));

        // When
        ready.advance(null, COVERAGE, 0, now);

        // Then
        assertThat(pipeline.ready).isTrue();
    }

    @Test
    void generationThatHoldsFewerItemsThanTheReadyOneIsNotReady() {
        // Given
        pipeline.items = new Items(98, 0);

        // When
        complete(100);

        // Then
        assertThat(((Paused) generation.state()).reason()).contains("98 items").contains("the ready generation");
    }

    @Test
    void generationThatReachesItsCoverageLaterIsReadyThen() {
        // Given
        pipeline.items = new Items(98, 2);
        complete(0);

        // When
        pipeline.items = new Items(100, 1);
        advance(0);

        // Then
        assertThat(generation.state()).isEqualTo(new Ready(10, now));
    }

    @Test
    void emptyCatalogueIsReady() {
        // When
        complete(0);

        // Then
        assertThat(generation.state()).isInstanceOf(Ready.class);
    }

    @Test
    void encoderGoesFirstOnceTheGenerationIsReady() {
        // When
        advance(0);
        boolean whileBuilding = pipeline.ready;
        complete(0);
        advance(0);

        // Then
        assertThat(whileBuilding).isFalse();
        assertThat(pipeline.ready).isTrue();
    }

    @Test
    void modelThatRefusesEverythingStopsEncodingAndIsNeverReady() {
        // Given
        pipeline.counts = new EncodeCounts(0);

        // When
        advance(0);
        complete(0);

        // Then
        assertThat(generation.state()).isInstanceOf(Paused.class);
        assertThat(((Paused) generation.state()).reason())
                .contains("accepted none")
                .contains("restart the indexer");
        assertThat(pipeline.encoding).isFalse();
    }

    @Test
    void replicaAdoptsWhyAnotherOnesEncoderGaveUpButNotWhyOneDidBeforeItOpened() {
        // Given
        Paused gaveUp = new Paused(0, 10, "the model refused the first 1000 embeddings");
        IndexStatus before = StatusRecords.in(gaveUp, GenerationSamples.building("v1"), now.minusSeconds(1));
        IndexStatus meanwhile = StatusRecords.in(gaveUp, GenerationSamples.building("v1"), now.plusSeconds(1));

        // When
        generation.advance(before, COVERAGE, 0, now);
        GenerationState afterRestart = generation.state();
        generation.advance(meanwhile, COVERAGE, 0, now.plusSeconds(2));

        // Then
        assertThat(afterRestart).isEqualTo(new Building(0, 10));
        assertThat(generation.state()).isEqualTo(gaveUp);
        assertThat(generation.hasGivenUp()).isFalse();
    }

    @Test
    void replicaThatIsNotTheStatusWriterFollowsIt() {
        // Given
        IndexStatus ready = GenerationSamples.ready("v1");

        // When
        generation.advance(ready, COVERAGE, 0, now);

        // Then
        assertThat(generation.state()).isEqualTo(new Ready(10, GenerationSamples.START));
    }

    @Test
    void statusIsWrittenOnlyWhenItSaysSomethingNew() {
        // Given
        IndexStatus first = generation.statusToWrite(null, now).orElseThrow();
        IndexStatus withItems =
                generation.statusToWrite(first, now.plusSeconds(11)).orElseThrow();

        // When / Then
        assertThat(generation.statusToWrite(withItems, now.plusSeconds(12))).isEmpty();
        pipeline.done = 4;
        advance(0);
        assertThat(generation.statusToWrite(withItems, now.plusSeconds(12)))
                .hasValueSatisfying(status -> assertThat(status.done()).isEqualTo(4));
    }

    @Test
    void statusIsRefreshedEveryFewMinutesSoThatAPauseCanBeMeasured() {
        // Given
        IndexStatus last = generation.statusToWrite(null, now).orElseThrow();
        last = generation.statusToWrite(last, now.plusSeconds(11)).orElseThrow();

        // When
        IndexStatus refreshed =
                generation.statusToWrite(last, now.plus(Duration.ofMinutes(5))).orElseThrow();

        // Then
        assertThat(refreshed.history().lastSeen()).isEqualTo(now.plus(Duration.ofMinutes(5)));
        assertThat(StatusRecords.state(refreshed)).isEqualTo(StatusRecords.state(last));
    }

    @Test
    void statusThatOthersChangedIsNotUndone() {
        // Given
        complete(0);
        IndexStatus superseded = StatusRecords.in(new Superseded(10, now, now), GenerationSamples.ready("v1"), now)
                .withPinned(true, now);

        // When
        IndexStatus refreshed =
                generation.statusToWrite(superseded, now.plus(LONG_ENOUGH)).orElseThrow();

        // Then
        assertThat(StatusRecords.state(refreshed)).isEqualTo(new Superseded(10, now, now));
        assertThat(refreshed.isPinned()).isTrue();
        assertThat(generation.statusToWrite(GenerationSamples.retired("v1"), now))
                .isEmpty();
    }

    private void complete(long readyItems) {
        pipeline.complete = true;
        advance(readyItems);
        now = now.plus(LONG_ENOUGH);
        advance(readyItems);
    }

    private void advance(long readyItems) {
        generation.advance(null, COVERAGE, readyItems, now);
    }
}
