package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.Items;
import io.residua.common.event.IndexStatus.State;
import io.residua.indexer.encode.EncodeCounts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationControlTest {
    @TempDir
    private Path folder;

    private ControlHarness harness;

    @BeforeEach
    void start() {
        harness = new ControlHarness(folder, Map.of());
        harness.control.start();
    }

    @Test
    void newModelTakesOverOnceItIsReadyAndTheOldOneGoesAfterTheGracePeriod() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.publish("v2");
        harness.reconcile(2);
        assertThat(harness.control.running().versions()).containsExactlyInAnyOrder("v1", "v2");

        // When
        harness.complete("v2", 100);
        State inGrace = harness.written("v1").state();
        harness.clock.advance(Duration.ofHours(1));
        harness.reconcile(3);

        // Then
        assertThat(inGrace).isEqualTo(State.READY);
        assertThat(harness.written("v2").state()).isEqualTo(State.READY);
        assertThat(harness.written("v1").state()).isEqualTo(State.RETIRED);
        assertThat(harness.control.running().versions()).containsExactly("v2");
        assertThat(harness.pipeline("v1").closed).isTrue();
    }

    @Test
    void listenerHearsOfAGenerationUntilItIsRetired() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.publish("v2");
        harness.reconcile(2);
        RunningGenerations running = harness.control.running();
        List<Availability> before =
                Stream.of("v1", "v2", "v3").map(running::availability).toList();

        // When
        harness.complete("v2", 100);
        harness.clock.advance(Duration.ofHours(1));
        harness.reconcile(4);

        // Then
        assertThat(before).containsExactly(Availability.READY, Availability.NOT_READY, Availability.UNKNOWN);
        assertThat(Stream.of("v1", "v2").map(running::availability))
                .containsExactly(Availability.UNKNOWN, Availability.READY);
        assertThat(harness.heard.stream().distinct())
                .containsExactly("opened v1 item-codes-v1", "opened v2 item-codes-v2", "closed v1", "retired v1");
    }

    @Test
    void modelThatRefusesEverythingIsPausedWithAReasonAndTheReadyOneStays() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.publish("v2");
        harness.pipeline("v2").counts = new EncodeCounts(0);

        // When
        harness.pipeline("v2").complete = true;
        harness.reconcile(5);
        harness.clock.advance(Duration.ofHours(2));
        harness.reconcile(5);

        // Then
        assertThat(harness.written("v2").state()).isEqualTo(State.BUILDING);
        assertThat(harness.written("v2").reason()).contains("accepted none");
        assertThat(harness.pipeline("v2").encoding).isFalse();
        assertThat(harness.written("v1").state()).isEqualTo(State.READY);
        assertThat(harness.pipeline("v1").closed).isFalse();
    }

    @Test
    void indexInUseIsExpectedFromTheStartBeforeAnythingIsOpened() {
        // Given
        harness.publish("v1");
        harness.status(StatusRecords.in(
                new GenerationState.Ready(10, GenerationSamples.START),
                GenerationSamples.building("v1"),
                GenerationSamples.START));

        // When
        harness.control.start();

        // Then
        assertThat(harness.control.running().versions()).isEmpty();
        assertThat(harness.control.running().expected()).isEqualTo("v1");
    }

    @Test
    void onlyAModelMakesTheNextTurnComeAtOnce() {
        // Given
        harness.publish("v1");

        // When
        boolean afterModel = harness.control.poll();
        harness.control.reconcileOnce();
        harness.deliver();
        boolean afterOwnStatus = harness.control.poll();

        // Then
        assertThat(afterModel).isTrue();
        assertThat(afterOwnStatus).isFalse();
    }

    @Test
    void pausedGenerationIsTriedAgainAfterARestart() {
        // Given
        harness.publish("v1");
        harness.status(StatusRecords.in(
                new GenerationState.Paused(0, 10, "accepted none"),
                GenerationSamples.building("v1"),
                GenerationSamples.START));

        // When
        harness.reconcile();

        // Then
        assertThat(harness.opened).containsExactly("v1");
        assertThat(harness.written("v1").reason()).isNull();
    }

    @Test
    void generationThatHoldsFewerItemsThanTheReadyOneIsNotReady() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.clock.advance(Duration.ofSeconds(20));
        harness.reconcile();
        harness.publish("v2");
        harness.reconcile(2);

        // When
        harness.complete("v2", 50);
        IndexStatus tooFew = harness.written("v2");
        harness.pipeline("v2").items = new Items(99, 0);
        harness.reconcile();

        // Then
        assertThat(tooFew.reason()).contains("50 items have a code of 100 items that the ready generation holds");
        assertThat(harness.written("v2").state()).isEqualTo(State.READY);
    }

    static java.util.List<Throwable> failures() {
        return java.util.List.of(
                new IllegalStateException("broken file"),
                new ArithmeticException("integer overflow"),
                new ClassCastException("SequenceInfo cannot be cast to TensorInfo"),
                new UnsatisfiedLinkError("no onnxruntime"),
                RefusedException.here("encoder.onnx is missing"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void modelThatCannotBeOpenedIsRefusedInOneLineAndStopsNoOther(Throwable failure) {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.openFailures.put("v2", failure);

        // When
        harness.publish("v2");
        harness.reconcile(3);
        harness.control.maintainTopics();

        // Then
        assertThat(harness.written("v2").state()).isEqualTo(State.REFUSED);
        assertThat(harness.written("v2").reason())
                .contains(failure.getMessage())
                .doesNotContain("\n");
        assertThat(harness.written("v1").state()).isEqualTo(State.READY);
        assertThat(harness.purged).containsExactly("item-codes-v1");
        assertThat(harness.opened).containsOnlyOnce("v2");
    }

    @Test
    void refusedModelIsOpenedOnceItsFilesHaveCome() {
        // Given
        harness.openFailures.put("v1", RefusedException.here("encoder.onnx is missing"));
        harness.publish("v1");
        harness.reconcile();

        // When
        harness.openFailures.clear();
        harness.clock.advance(Duration.ofMinutes(1));
        harness.reconcile(2);

        // Then
        assertThat(harness.written("v1").state()).isEqualTo(State.BUILDING);
        assertThat(harness.written("v1").reason()).isNull();
    }

    @Test
    void brokerThatIsAwayWhileAModelIsOpenedRefusesNothing() {
        // Given
        harness.openFailures.put("v1", new TimeoutException("the broker did not answer"));

        // When
        harness.publish("v1");
        harness.reconcile();

        // Then
        assertThat(harness.written("v1")).isNull();
        assertThat(harness.control.running().all()).isEmpty();
    }

    @Test
    void failureOfOneGenerationStopsNeitherTheOthersStepNorThePurge() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.publish("v2");
        harness.reconcile();
        harness.pipeline("v1").onLook = new StackOverflowError();

        // When
        harness.complete("v2", 100);
        harness.control.maintainTopics();

        // Then
        assertThat(harness.written("v2").state()).isEqualTo(State.READY);
        assertThat(harness.purged).containsExactlyInAnyOrder("item-codes-v1", "item-codes-v2");
    }

    @Test
    void lackOfMemoryIsNotHidden() {
        // Given
        harness.openFailures.put("v1", new OutOfMemoryError("heap"));
        harness.publish("v1");

        // When / Then
        assertThatThrownBy(harness::reconcile).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void generationWhoseTopicWasCreatedAnewIsClosedAndRefused() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        RefusedException anew = RefusedException.forAll("topic item-codes-v1 was created anew");
        harness.verifyFailures.put("v1", anew);
        harness.openFailures.put("v1", anew);

        // When
        harness.control.maintainTopics();
        harness.reconcile(20);

        // Then
        assertThat(harness.written("v1").state()).isEqualTo(State.REFUSED);
        assertThat(harness.written("v1").reason()).isEqualTo("topic item-codes-v1 was created anew");
        assertThat(harness.control.running().all()).isEmpty();
    }

    @Test
    void refusalKeepsTheIdentityThatAnotherReplicaHasWrittenMeanwhile() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        IndexStatus byAnother = GenerationSamples.ready("v1");
        assertThat(byAnother.identity()).isNotEqualTo(harness.written("v1").identity());
        harness.verifyFailures.put("v1", RefusedException.forAll("topic item-codes-v1 was created anew"));

        // When
        harness.status(byAnother);
        harness.control.maintainTopics();

        // Then
        assertThat(harness.written("v1").state()).isEqualTo(State.REFUSED);
        assertThat(harness.written("v1").identity()).isEqualTo(byAnother.identity());
    }

    @Test
    void modelThatBreaksHereDoesNotRefuseTheGenerationThatAnotherReplicaHasBegunMeanwhile() {
        // Given
        harness.duringOpen.put("v1", () -> harness.status(GenerationSamples.building("v1")));
        harness.openFailures.put("v1", new IllegalStateException("broken here"));

        // When
        harness.publish("v1");
        harness.reconcile();

        // Then
        assertThat(harness.opened).contains("v1");
        assertThat(harness.written("v1")).isNull();
    }

    @Test
    void refusalDoesNotUndoARetirementThatIsUnderWay() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        int written = harness.count("v1");
        harness.verifyFailures.put("v1", RefusedException.forAll("topic item-codes-v1 was deleted"));

        // When
        harness.status(GenerationSamples.retired("v1"));
        harness.control.maintainTopics();

        // Then
        assertThat(harness.count("v1")).isEqualTo(written);
    }

    @Test
    void refusalOfOneReplicaLeavesTheStatusOfTheOneThatRunsIt() {
        // Given
        harness.status(GenerationSamples.ready("v1"));
        harness.openFailures.put("v1", RefusedException.here("other application id"));

        // When
        harness.publish("v1");
        harness.reconcile(2);

        // Then
        assertThat(harness.written("v1")).isNull();
    }

    @Test
    void pipelineInErrorIsOpenedAgain() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.pipeline("v1").failure = "Kafka Streams is in error";
        harness.pipeline("v1").serving = false;
        harness.reconcile();
        assertThat(harness.control.running().all()).isEmpty();

        // When
        harness.pipelines.clear();
        harness.clock.advance(Duration.ofMinutes(1));
        harness.reconcile();

        // Then
        assertThat(harness.opened).containsExactly("v1", "v1");
    }

    @Test
    void pinIsWrittenAgainIfAnotherReplicasRecordUndidIt() {
        // Given
        harness.publish("v1");
        harness.reconcile();

        // When
        assertThat(harness.control.pin("v1", true)).isEmpty();
        harness.reconcile();
        harness.status(GenerationSamples.building("v1"));
        harness.reconcile(2);

        // Then
        assertThat(harness.written("v1").isPinned()).isTrue();
    }

    @Test
    void pinnedGenerationOutlivesTheGracePeriodUntilItIsUnpinned() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.control.pin("v1", true);
        harness.publish("v2");
        harness.reconcile(2);
        harness.complete("v2", 100);

        // When
        harness.clock.advance(Duration.ofHours(3));
        harness.reconcile(3);
        State whilePinned = harness.written("v1").state();
        harness.control.pin("v1", false);
        harness.reconcile(2);
        harness.clock.advance(Duration.ofHours(3));
        harness.reconcile(3);

        // Then
        assertThat(whilePinned).isEqualTo(State.READY);
        assertThat(harness.written("v1").state()).isEqualTo(State.RETIRED);
    }

    @Test
    void rollBackPublishesTheModelAgainUnlessItIsTheNewest() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        harness.complete("v1", 100);
        harness.publish("v2");
        harness.reconcile(2);
        harness.complete("v2", 100);

        // When
        harness.control.rollBack("v1");
        harness.reconcile(2);
        harness.control.rollBack("v1");
        harness.clock.advance(Duration.ofHours(3));
        harness.reconcile(3);

        // Then
        assertThat(harness.control.running().versions()).containsExactly("v1");
        assertThat(harness.written("v2").state()).isEqualTo(State.RETIRED);
        assertThat(harness.opened).containsExactly("v1", "v2");
    }

    @Test
    void unknownVersionsAreNamed() {
        // When / Then
        assertThat(harness.control.rollBack("v9")).contains("no model v9 in topic models");
        assertThat(harness.control.pin("v9", true)).contains("no generation v9 in topic index-status");
    }

    @Test
    void retirementThatWasInterruptedIsFinishedAtTheNextStart() {
        // Given
        harness.publish("v1");
        harness.publish("v2");
        IndexStatus retired = GenerationSamples.retired("v1");
        retired.identity().topics().forEach(topic -> harness.broker.topics.put(topic.name(), topic));
        harness.status(retired);
        harness.status(GenerationSamples.ready("v2"));

        // When
        harness.reconcile(2);
        harness.clock.advance(Duration.ofHours(1));
        harness.reconcile(2);

        // Then
        assertThat(harness.broker.topics).isEmpty();
        assertThat(harness.written("v1").identity()).isNull();
    }

    @Test
    void metersOfAGenerationGoWithIt() {
        // Given
        harness.publish("v1");
        harness.reconcile();
        double building = gauge("v1", "building");

        // When
        harness.control.running().close("v1");

        // Then
        assertThat(building).isEqualTo(1);
        assertThat(harness.registry.find("residua.index.generation").gauges()).isEmpty();
        assertThat(harness.registry.find("residua.index.encoder.device").gauges())
                .isEmpty();
    }

    private double gauge(String version, String state) {
        return harness.registry
                .get("residua.index.generation")
                .tag("model", version)
                .tag("state", state)
                .gauge()
                .value();
    }
}
