package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left of items that go, whatever is on its way for them. */
class AssignDeletionsTest {
    private static final int RIGHT = 1;
    private static final long AFTER_EVERYTHING = Long.MAX_VALUE;

    private final StageHarness stages = new StageHarness();

    @AfterEach
    void close() {
        stages.close();
    }

    @Test
    void aDeletedItemFreesItsCodeAndCanComeBack() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.delete("a", 1);
        stages.settle();
        stages.embed("b", 2, 10.9f);
        stages.settle();
        stages.embed("a", 3, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=deleted", "b=[1, 2]", "a=[1, 1]");
    }

    @Test
    void anItemDeletedAndAddedAgainBeforeItsReleaseArrivesIsCodedAnew() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();

        // When
        stages.delete("a", 1);
        stages.deliverDeletions();
        stages.embed("a", 2, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=deleted", "a=[1, 2]");
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void anItemDeletedWhileItsGrantIsInFlightLeavesNothingBehind() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.delete("a", 1);
        stages.deliverDeletions();
        stages.settle();

        // Then
        assertThat(stages.log()).isEmpty();
        assertThat(stages.held()).isEmpty();
    }

    @Test
    void anItemDeletedWhileItWaitsLeavesNothingBehind() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.embed("b", 1, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.delete("b", 2);
        stages.settle();

        // Then
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void anItemAddedAgainBeforeItsDeletionArrivesKeepsItsCode() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.delete("a", 1);
        stages.embed("a", 2, 10.9f);
        stages.deliverRequests(RIGHT);

        // When
        stages.deliverGrants(RIGHT);
        stages.deliverDeletions();
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]");
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void aDeletionThatOvertakesTheRequestBeforeItWins() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.delete("a", 1);

        // When
        stages.deliverDeletions();
        stages.settle();

        // Then
        assertThat(stages.log()).isEmpty();
        assertThat(stages.held()).isEmpty();
    }

    @Test
    void theMarkerOfADeletedItemGoesAfterItsTimeOnceTheFloorIsAboveIt() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.embed("b", 1, -10.9f);
        stages.settle();
        stages.delete("a", 2);
        stages.delete("b", 3);
        stages.settle();
        stages.embed("b", 4, -10.9f);
        stages.settle();

        // When
        stages.waitFor(Duration.ofHours(25));
        int withoutFloor = stages.itemStates().size();
        stages.floor(AFTER_EVERYTHING, 5);
        stages.waitFor(Duration.ofHours(1));

        // Then
        assertThat(withoutFloor).isEqualTo(2);
        assertThat(stages.itemStates()).containsOnlyKeys("b");
        assertThat(stages.code("b")).isPresent();
    }

    @Test
    void aMarkerWrittenAfterTheFloorWasCapturedStays() {
        // Given
        stages.floor(1, 1_000);
        stages.delete("a", 2);
        stages.settle();

        // When
        stages.waitFor(Duration.ofHours(30));

        // Then
        assertThat(stages.itemStates()).containsOnlyKeys("a");
    }

    @Test
    void aGrantOfAForgottenItemDoesNotReviveIt() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.settle();
        stages.delete("a", 1);
        stages.settle();
        stages.floor(AFTER_EVERYTHING, 2);
        stages.waitFor(Duration.ofHours(26));

        // When
        stages.repeatRequest(0);
        stages.settle();

        // Then
        assertThat(stages.itemStates()).isEmpty();
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=deleted");
        assertThat(stages.held()).isEmpty();
    }

    @Test
    void aForgottenItemCanComeBack() {
        // Given
        stages.delete("a", 1);
        stages.settle();
        stages.floor(AFTER_EVERYTHING, 2);
        stages.waitFor(Duration.ofHours(26));

        // When
        stages.embed("a", 7, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]");
    }

    @Test
    void theFloorOutlivesARestart() {
        // Given
        stages.delete("a", 1);
        stages.embed("b", 2, 10.9f);
        stages.settle();
        stages.floor(AFTER_EVERYTHING, 3);
        stages.waitFor(Duration.ofHours(26));

        // When
        stages.floor(Long.MIN_VALUE, 0);
        stages.restart();
        stages.embed("late", 0, -10.9f);
        stages.settle();

        // Then
        assertThat(stages.code("late")).isEmpty();
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "b"));
    }

    @Test
    void manyMarkersExpireAPartAtATime() {
        // Given
        int items = DeleteMarkers.MAX_PER_CALL + 10;
        for (int i = 0; i < items; i++) {
            stages.delete("item-" + i, i);
        }
        stages.deliverDeletions();
        stages.floor(AFTER_EVERYTHING, items);
        stages.waitFor(Duration.ofHours(24).minusSeconds(30));

        // When
        stages.waitFor(Duration.ofMinutes(1));
        int afterOneCall = stages.itemStates().size();
        stages.waitFor(Duration.ofSeconds(2));

        // Then
        assertThat(afterOneCall).isEqualTo(10);
        assertThat(stages.itemStates()).isEmpty();
        assertThat(stages.deletionRows()).isEqualTo(1);
    }
}
