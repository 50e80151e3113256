package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import io.residua.indexer.wire.SourcePosition;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may overtake what between the two stages, and what must hold all the same. */
class AssignRacesTest {
    private static final int LEFT = 0;
    private static final int RIGHT = 1;

    private final StageHarness stages = new StageHarness();

    @AfterEach
    void close() {
        stages.close();
    }

    @Test
    void anItemGetsItsNearestEntryWhenThatIsFree() {
        // When
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // Then
        ItemCode code = stages.code("a").orElseThrow();
        assertThat(code.codes()).containsExactly(1, 2);
        assertThat(code.tokens()).containsExactly("<a_1>", "<b_2>");
        assertThat(code.nearestCodes()).containsExactly(1, 2);
        assertThat(code.resolution()).isEqualTo(Resolution.NEAREST);
        assertThat(code.quantisationError()).isCloseTo(0.01, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(code.nearestError()).isEqualTo(code.quantisationError());
        assertThat(code.embeddingNorm()).isEqualTo(10.9f);
        assertThat(code.sourceOffset()).isZero();
    }

    @Test
    void anItemWhoseNearestEntryIsTakenGetsAnotherOne() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.embed("b", 1, 10.9f);
        stages.settle();

        // Then
        ItemCode code = stages.code("b").orElseThrow();
        assertThat(code.codes()).containsExactly(1, 1);
        assertThat(code.nearestCodes()).containsExactly(1, 2);
        assertThat(code.resolution()).isEqualTo(Resolution.SINKHORN);
        assertThat(code.quantisationError()).isGreaterThan(code.nearestError());
    }

    @Test
    void aCodeIsTakenOverOnlyAfterItsOwnersNewCodeIsWritten() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.embed("a", 1, -10.9f);
        stages.deliverRequests(LEFT);
        stages.embed("b", 2, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.resolve();
        stages.deliverGrants(RIGHT);
        stages.settle();
        stages.embed("c", 3, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "b=[1, 1]", "a=[0, 0]", "c=[1, 2]");
    }

    @Test
    void theGreaterClaimHoldsACodeThatChangedHands() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        long first = stages.code("a").orElseThrow().claim();
        stages.embed("a", 1, -10.9f);
        stages.settle();

        // When
        stages.embed("b", 2, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.code("b").orElseThrow().codes()).containsExactly(1, 2);
        assertThat(stages.code("b").orElseThrow().claim()).isGreaterThan(first);
    }

    @Test
    void anItemThatReturnsToItsPrefixBeforeTheOtherAnswersKeepsOnePlace() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.embed("a", 1, -10.9f);
        stages.embed("a", 2, 10.9f);
        stages.deliverRequests(RIGHT);
        stages.deliverGrants(RIGHT);
        stages.deliverRequests(LEFT);
        stages.deliverGrants(LEFT);
        stages.settle();

        // Then
        assertThat(stages.code("a").orElseThrow().codes()).containsExactly(1, 2);
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void anItemThatReturnsToItsPrefixAfterMovingKeepsOnePlace() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.embed("a", 1, -10.9f);
        stages.deliverRequests(LEFT);
        stages.deliverGrants(LEFT);
        stages.embed("a", 2, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=[0, 0]", "a=[1, 2]");
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void anotherGrantOfThePublishedCodeOnlyRenewsItsClaim() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.repeatRequest(0);
        stages.settle();
        stages.embed("a", 1, -10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=[0, 0]");
        assertThat(stages.held()).isEqualTo(Map.of("[0, 0]", "a"));
    }

    @Test
    void anOutdatedGrantOfAnotherCodeIsReleased() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.embed("a", 1, -10.9f);
        stages.deliverRequests(LEFT);
        stages.deliverGrants(LEFT);
        stages.deliverGrants(RIGHT);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[0, 0]");
        assertThat(stages.held()).isEqualTo(Map.of("[0, 0]", "a"));
    }

    @Test
    void anOlderEmbeddingThatArrivesLateHasNoEffect() {
        // Given
        stages.embed("a", 5, 10.9f);
        stages.settle();
        stages.delete("gone", 6);
        stages.deliverDeletions();

        // When
        stages.embed("a", 4, -10.9f);
        stages.embed("gone", 3, 10.0f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]");
    }

    @Test
    void acrossPartitionsTheLaterEmbeddingWins() {
        // Given
        stages.embed("a", new SourcePosition(0, 50, 2_000), 10.9f);
        stages.settle();

        // When
        stages.embed("a", new SourcePosition(1, 60, 1_000), -10.9f);
        stages.settle();
        stages.embed("a", new SourcePosition(1, 61, 3_000), 10.0f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=[1, 1]");
    }

    @Test
    void theSameEmbeddingAgainWritesNothing() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.embed("a", 1, 10.9f);
        stages.settle();

        // When
        stages.embed("a", 2, 10.9f);
        stages.embed("a", 2, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]");
        assertThat(stages.itemStates().get("a").seen().newest().offset()).isEqualTo(2);
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void theSameEmbeddingKeepsItsCodeWhenANearerOneBecameFree() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.embed("b", 1, 10.9f);
        stages.settle();
        stages.delete("a", 2);
        stages.settle();

        // When
        stages.embed("b", 3, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "b=[1, 1]", "a=deleted");
        assertThat(stages.held()).isEqualTo(Map.of("[1, 1]", "b"));
    }

    @Test
    void aChangedEmbeddingWithTheSameNearestCodeIsWrittenUnderTheSameCode() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.embed("a", 1, 10.8f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=[1, 2]");
        assertThat(stages.code("a").orElseThrow().embeddingNorm()).isEqualTo(10.8f);
    }

    @Test
    void anItemKeepsItsOwnEntryRatherThanAFartherFreeOne() {
        // Given
        stages.embed("a", 0, 11.0f);
        stages.settle();
        stages.embed("b", 1, 10.9f);
        stages.settle();

        // When
        stages.embed("b", 2, 10.7f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "b=[1, 1]", "b=[1, 1]");
    }

    @Test
    void acrossPartitionsAnOffsetSeenBeforeIsNeverNewerAgain() {
        // Given
        stages.embed("a", new SourcePosition(0, 50, 2_000), 10.9f);
        stages.settle();
        stages.embed("a", new SourcePosition(1, 60, 3_000), -10.9f);
        stages.settle();

        // When
        stages.embed("a", new SourcePosition(0, 50, 9_000), 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=[0, 0]");
        assertThat(stages.held()).isEqualTo(Map.of("[0, 0]", "a"));
    }

    @Test
    void anOlderRequestIsDroppedWhileANewerOneOfTheItemWaits() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.embed("b", 1, 9.1f);
        stages.embed("b", 2, 10.9f);
        stages.deliverRequests(RIGHT);
        int first = 1;

        // When
        stages.repeatRequest(first);
        stages.deliverRequests(RIGHT);
        stages.settle();

        // Then
        assertThat(stages.code("b").orElseThrow().sourceOffset()).isEqualTo(2);
        assertThat(stages.waiting()).isZero();
        assertThat(stages.held()).containsOnlyKeys("[1, 2]", "[1, 1]");
    }

    @Test
    void aNewerRequestReplacesTheItemsWaitingOne() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.embed("b", 1, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.embed("b", 2, 10.1f);
        stages.deliverRequests(RIGHT);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "b=[1, 1]");
        assertThat(stages.code("b").orElseThrow().sourceOffset()).isEqualTo(2);
    }

    @Test
    void itemsThatWaitTogetherAreAssignedTogether() {
        // Given
        stages.embed("a", 0, 10.0f);
        stages.settle();
        stages.embed("b", 1, 10.1f);
        stages.embed("c", 2, 9.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.settle();

        // Then
        assertThat(List.of(
                        stages.code("b").orElseThrow().codes(),
                        stages.code("c").orElseThrow().codes()))
                .containsExactly(List.of(1, 2), List.of(1, 0));
    }
}
