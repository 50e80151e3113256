package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemState.Status;
import java.util.List;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of items that find their prefix, or every prefix within reach, full. The model has six codes. */
class AssignRefusalsTest {
    private final StageHarness stages = new StageHarness();

    @BeforeEach
    void fillTheRightPrefix() {
        stages.embed("a", 0, 9.0f);
        stages.embed("b", 1, 10.0f);
        stages.embed("c", 2, 11.0f);
        stages.settle();
    }

    @AfterEach
    void close() {
        stages.close();
    }

    @Test
    void anItemWhosePrefixIsFullGetsTheNearestCodeOfTheNextPrefix() {
        // When
        stages.embed("d", 3, 10.1f);
        stages.settle();

        // Then
        assertThat(stages.code("d").orElseThrow().codes()).containsExactly(0, 2);
        assertThat(stages.code("d").orElseThrow().nearestCodes()).containsExactly(1, 1);
        assertThat(stages.code("d").orElseThrow().resolution()).isEqualTo(Resolution.SPILLED);
    }

    @Test
    void theItemsThatLoseLeastByLeavingAreTheOnesThatLeave() {
        // Given
        stages.delete("b", 3);
        stages.settle();

        // When
        stages.embed("near", 4, 10.9f);
        stages.embed("far", 5, 9.2f);
        stages.settle();

        // Then
        assertThat(stages.code("near").orElseThrow().codes()).containsExactly(1, 1);
        assertThat(stages.code("far").orElseThrow().resolution()).isEqualTo(Resolution.SPILLED);
    }

    @Test
    void anItemThatSpilledKeepsItsCodeWhenItIsSentAgain() {
        // Given
        stages.embed("d", 3, 10.1f);
        stages.settle();

        // When
        stages.embed("d", 4, 10.1f);
        stages.settle();

        // Then
        assertThat(stages.log()).containsExactly("a=[1, 0]", "b=[1, 1]", "c=[1, 2]", "d=[0, 2]");
        assertThat(stages.held()).hasSize(4).containsEntry("[0, 2]", "d");
    }

    @Test
    void refreshingAFullCatalogueChangesNothing() {
        // Given
        fillTheLeftPrefix();
        List<String> before = List.copyOf(stages.log());

        // When
        for (int round = 0; round < 3; round++) {
            stages.embed("a", 100 + 10 * round, 9.0f);
            stages.embed("b", 101 + 10 * round, 10.0f);
            stages.embed("c", 102 + 10 * round, 11.0f);
            stages.embed("x", 103 + 10 * round, -11.0f);
            stages.embed("y", 104 + 10 * round, -10.0f);
            stages.embed("z", 105 + 10 * round, -9.0f);
            stages.settle();
        }

        // Then
        assertThat(stages.log()).isEqualTo(before);
        assertThat(stages.deadLetters()).isEmpty();
        assertThat(stages.held()).hasSize(6);
    }

    @Test
    void anItemThatFindsEveryPrefixFullIsRefusedAndKeepsWhatItHas() {
        // Given
        fillTheLeftPrefix();

        // When
        stages.embed("y", 6, 10.0f);
        stages.embed("e", 7, 10.1f);
        stages.settle();

        // Then
        assertThat(stages.code("y").orElseThrow().codes()).containsExactly(0, 1);
        assertThat(stages.itemStates().get("y").status()).isEqualTo(Status.CODED);
        assertThat(stages.code("e")).isEmpty();
        assertThat(lettersOf("e")).hasSize(1);
        assertThat(stages.deadLetters()).allSatisfy(letter -> {
            assertThat(letter.value()).containsExactly(42);
            assertThat(new String(
                            letter.headers().lastHeader("dead-letter-reason").value(), UTF_8))
                    .isEqualTo("code-space-full");
        });
        assertThat(stages.counts()).isEqualTo(new ItemCounts(6, 1));
    }

    @Test
    void aRefusedItemIsCodedWhenItIsSentAgainAndACodeIsFree() {
        // Given
        fillTheLeftPrefix();
        stages.embed("e", 6, 10.1f);
        stages.settle();
        stages.delete("b", 7);
        stages.settle();

        // When
        stages.embed("e", 8, 10.1f);
        stages.settle();

        // Then
        assertThat(stages.code("e").orElseThrow().codes()).containsExactly(1, 1);
        assertThat(stages.counts()).isEqualTo(new ItemCounts(6, 0));
    }

    @Test
    void anUnchangedItemIsNotRefusedWhereItsPrefixIsFull() {
        // Given
        stages.embed("y", 3, -10.0f);
        stages.settle();
        fillTheLeftPrefix();
        int before = stages.deadLetters().size();

        // When
        stages.embed("y", 20, -10.0f);
        stages.settle();

        // Then
        assertThat(stages.itemStates().get("y").status()).isEqualTo(Status.CODED);
        assertThat(stages.itemStates().get("y").seen().newest().offset()).isEqualTo(20);
        assertThat(stages.deadLetters()).hasSize(before);
    }

    @Test
    void theLetterOfARefusalIsSentAfterARestart() {
        // Given
        fillTheLeftPrefix();
        stages.sourceAnswers(false);
        stages.embed("e", 6, 10.1f);
        stages.settle();
        int whileTheSourceWasAway = stages.deadLetters().size();

        // When
        stages.restart();
        stages.sourceAnswers(true);
        stages.settle();

        // Then
        assertThat(whileTheSourceWasAway).isZero();
        assertThat(lettersOf("e")).hasSize(1);
    }

    @Test
    void anEmbeddingThatCompactionRemovedNeedsNoLetter() {
        // Given
        fillTheLeftPrefix();
        stages.sourceAnswers(false);
        stages.embed("e", 6, 10.1f);
        stages.embed("e", 7, 10.2f);
        stages.settle();

        // When
        stages.compactSource("e", 7);
        stages.sourceAnswers(true);
        stages.settle();

        // Then
        assertThat(lettersOf("e")).hasSize(1);
    }

    private void fillTheLeftPrefix() {
        stages.embed("x", 3, -11.0f);
        stages.embed("y", 4, -10.0f);
        stages.embed("z", 5, -9.0f);
        stages.settle();
    }

    private List<TestRecord<byte[], byte[]>> lettersOf(String item) {
        return stages.deadLetters().stream()
                .filter(letter -> new String(letter.key(), UTF_8).equals(item))
                .toList();
    }
}
