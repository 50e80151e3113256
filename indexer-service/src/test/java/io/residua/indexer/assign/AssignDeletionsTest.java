package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is left of items that go, whatever is on its way for them. */
class AssignDeletionsTest {
    private static final int RIGHT = 1;

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
        stages.embed("a", 2, 10.9f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 2]", "a=deleted", "a=[1, 2]");
        assertThat(stages.held()).isEqualTo(Map.of("[1, 2]", "a"));
    }

    @Test
    void anItemDeletedWhileItsRequestIsInFlightLeavesNothingBehind() {
        // Given
        stages.embed("a", 0, 10.9f);

        // When
        stages.delete("a", 1);
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
    void theMarkerOfADeletedItemGoesAfterItsTime() {
        // Given
        stages.embed("a", 0, 10.9f);
        stages.embed("b", 1, -10.9f);
        stages.settle();
        stages.delete("a", 2);
        stages.delete("b", 3);
        stages.embed("b", 4, -10.9f);
        stages.settle();

        // When
        stages.waitFor(Duration.ofHours(23));
        long before = stages.itemRows();
        stages.waitFor(Duration.ofHours(2));

        // Then
        assertThat(before).isEqualTo(2);
        assertThat(stages.itemRows()).isEqualTo(1);
        assertThat(stages.code("b")).isPresent();
    }
}
