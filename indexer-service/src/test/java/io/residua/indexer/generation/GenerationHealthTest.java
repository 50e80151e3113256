package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class GenerationHealthTest {
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private final FakePipeline pipeline = new FakePipeline();
    private final List<Generation> generations = List.of(
            new Generation("v1", GenerationSamples.topics("v1"), GenerationSamples.identity("v1"), pipeline, null));
    private boolean brokerIsAway;
    private final BrokerHeartbeat heartbeat = new BrokerHeartbeat(
            new BrokerHeartbeat.Probe() {
                @Override
                public void ask() {
                    if (brokerIsAway) {
                        throw new TimeoutException("away");
                    }
                }

                @Override
                public void close() {}
            },
            nanoTime::get);
    private final GenerationHealth health = new GenerationHealth(heartbeat);

    @Test
    void replicaIsReadyOnlyOnceTheBrokerHasAnswered() {
        // When
        var before = health.trouble(null, null, generations);
        heartbeat.beat();
        var after = health.trouble(null, null, generations);

        // Then
        assertThat(before).contains("the broker does not answer");
        assertThat(after).isEmpty();
    }

    @Test
    void brokerThatIsAwayForTenMinutesMakesTheReplicaUnreadyNotDeadAndItRecovers() {
        // Given
        run(Duration.ofMinutes(10));
        pipeline.encodeTrouble = "no connection";
        pipeline.failure = "encoding failed: no connection";

        // When
        brokerIsAway = true;
        run(Duration.ofMinutes(10));
        var troubleAway = health.trouble(null, null, generations);
        var failureAway = health.failure(true, generations);
        brokerIsAway = false;
        run(Duration.ofSeconds(5));
        var failureBack = health.failure(true, generations);
        pipeline.encodeTrouble = null;
        pipeline.failure = null;
        var troubleBack = health.trouble(null, null, generations);

        // Then
        assertThat(troubleAway).contains("the broker does not answer");
        assertThat(failureAway).isEmpty();
        assertThat(failureBack).isEmpty();
        assertThat(troubleBack).isEmpty();
    }

    @Test
    void encoderThatFailsNowMakesTheReplicaUnready() {
        // Given
        run(Duration.ofSeconds(1));
        pipeline.encodeTrouble = "no memory on the device";

        // When / Then
        assertThat(health.trouble(null, null, generations))
                .contains("encoding of generation v1 fails: no memory on the device");
        assertThat(health.failure(true, generations)).isEmpty();
    }

    @Test
    void encoderThatHasFailedForMinutesWhileTheBrokerAnswersMakesTheReplicaDead() {
        // Given
        run(Duration.ofMinutes(6));
        pipeline.failure = "encoding failed: no memory on the device";

        // When / Then
        assertThat(health.failure(true, generations)).contains("encoding failed: no memory on the device");
    }

    @Test
    void stateThatIsBeingRestoredMakesTheReplicaUnready() {
        // Given
        run(Duration.ofSeconds(1));
        pipeline.serving = false;

        // When / Then
        assertThat(health.trouble(null, null, generations))
                .contains("generation v1 is connecting or restoring its state");
    }

    @Test
    void indexInUseThatDoesNotRunHereMakesTheReplicaUnready() {
        // Given
        run(Duration.ofSeconds(1));

        // When / Then
        assertThat(health.trouble(null, "v0", generations))
                .contains("generation v0, whose index is in use, does not run here");
        assertThat(health.trouble(null, "v1", generations)).isEmpty();
    }

    @Test
    void buildingGenerationThatConnectsDoesNotMakeTheIndexInUseUnready() {
        // Given
        run(Duration.ofSeconds(1));
        FakePipeline connecting = new FakePipeline();
        connecting.serving = false;
        Generation building = new Generation(
                "v2", GenerationSamples.topics("v2"), GenerationSamples.identity("v2"), connecting, null);

        // When / Then
        assertThat(health.trouble(null, "v1", List.of(generations.get(0), building)))
                .isEmpty();
    }

    @Test
    void pipelineInErrorIsOpenedAgainByTheLoopAndIsNoReasonToRestart() {
        // Given
        run(Duration.ofMinutes(6));
        pipeline.serving = false;
        pipeline.failure = "Kafka Streams is in error";

        // When / Then
        assertThat(health.failure(true, generations)).isEmpty();
    }

    @Test
    void loopThatHasEndedMakesTheReplicaDead() {
        // When / Then
        assertThat(health.failure(false, generations)).contains("the generations' thread has ended");
    }

    private void run(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            heartbeat.beat();
        }
    }
}
