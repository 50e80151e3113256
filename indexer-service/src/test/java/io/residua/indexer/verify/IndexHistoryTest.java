package io.residua.indexer.verify;

import static io.residua.indexer.verify.HistoryBuilder.MODEL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.verify.Violations.Violation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each kind of violation, in a history that has no other. */
class IndexHistoryTest {
    private final HistoryBuilder history = new HistoryBuilder();

    @Test
    void liveItemWithoutCodeAndLetterIsMissingACode() {
        // Given
        history.embedding("a", 1, 1).embedding("b", 2, 2).code("a", 0, 1, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.MISSING_CODE, "b", "embedding 0@1");
        assertThat(report.isSettled()).isFalse();
    }

    @Test
    void itemWhoseCodeWasRemovedWithoutDeletionIsMissingACode() {
        // Given
        history.embedding("a", 1, 1).code("a", 0, 1, 0).tombstone("a", 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.MISSING_CODE, "a", "embedding 0@0");
    }

    @Test
    void codeOfAReplacedEmbeddingIsOutdated() {
        // Given
        history.embedding("a", 1, 1).embedding("a", 2, 2).code("a", 0, 1, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.OUTDATED_CODE, "a", "embedding 0@1");
    }

    @Test
    void deletedItemMustNotHaveACode() {
        // Given
        history.embedding("a", 1, 1).deletion("a").code("a", 0, 1, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.DELETED_ITEM_HAS_CODE, "a", "deleted at 0@1");
    }

    @Test
    void refusedRecordWithoutLetterIsMissingOne() {
        // Given
        history.source(0, "a".getBytes(UTF_8), new byte[5]);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.MISSING_LETTER, "a", "reason wrong-dimension");
    }

    @Test
    void letterWithAnotherReasonDoesNotCount() {
        // Given
        history.source(0, "a".getBytes(UTF_8), new byte[5]).letter("a", "not-finite", 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.MISSING_LETTER, "a", "reason wrong-dimension");
    }

    @Test
    void twoItemsThatEndWithOneCodeHoldItTwice() {
        // Given
        history.embedding("a", 1, 1).embedding("b", 1, 1).code(0, "a", 0, 1, 0).code(1, "b", 0, 2, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_HELD_TWICE, "b", "a later record of the first item");
    }

    @Test
    void codeThatIsGivenAwayBeforeItIsGivenUpWasHeldTwice() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("b", 1, 1)
                .embedding("a", 2, 2)
                .code("a", 0, 1, 0)
                .code("b", 0, 2, 1)
                .code("a", 3, 3, 2);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_WAS_HELD_TWICE, "b", "give the code up before");
        assertThat(report.isSettled()).isTrue();
    }

    @Test
    void codeThatComesBackWithoutHavingBeenGivenUpWasHeldTwiceAlsoAcrossPartitions() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("b", 1, 1)
                .embedding("b", 3, 3)
                .embedding("a", 2, 2)
                .code(0, "a", 0, 1, 0)
                .code(1, "b", 0, 2, 1)
                .code(1, "b", 5, 3, 2)
                .code(0, "a", 0, 4, 3);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_WAS_HELD_TWICE, "b", "give the code up before");
    }

    @Test
    void claimMayBeUsedOnce() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("b", 1, 1)
                .embedding("a", 2, 2)
                .code("a", 0, 7, 0)
                .code("a", 3, 8, 2)
                .code("b", 0, 7, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CLAIM_USED_TWICE, "b", "a claim of its own for each");
    }

    @Test
    void claimsOfOneCodeGrowWithTheOffset() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("b", 1, 1)
                .embedding("a", 2, 2)
                .code("a", 0, 7, 0)
                .code("a", 3, 8, 2)
                .code("b", 0, 6, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CLAIM_NOT_GROWN, "a", "claims that grow with the offset");
    }

    @Test
    void codeMustNotChangeWhenTheSameEmbeddingComesAgain() {
        // Given
        history.embedding("a", 1, 1).embedding("a", 1, 1).code("a", 0, 1, 0).code("a", 1, 2, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_CHANGED_WITHOUT_NEW_EMBEDDING, "a", "a newer and different embedding");
    }

    @Test
    void codeMustNotChangeForAnOlderEmbedding() {
        // Given
        history.embedding("a", 2, 2).embedding("a", 1, 1).code("a", 0, 1, 1).code("a", 1, 2, 0);

        // When
        VerifyReport report = history.report();

        // Then
        assertThat(kinds(report))
                .containsOnlyKeys(ViolationKind.CODE_CHANGED_WITHOUT_NEW_EMBEDDING, ViolationKind.OUTDATED_CODE);
    }

    @Test
    void codeNamesAnEmbeddingOfItsItem() {
        // Given
        history.embedding("a", 1, 1).embedding("b", 1, 1).code("a", 0, 1, 1).code("b", 1, 2, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.WRONG_SOURCE_RECORD, "a", "an embedding of that item there");
    }

    @Test
    void recordsOfAnItemAreInOnePartition() {
        // Given
        history.embedding("a", 1, 1).code(0, "a", 0, 1, 0).code(1, "a", 0, 2, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.ITEM_IN_TWO_PARTITIONS, "a", "one partition");
    }

    @Test
    void codeOutsideOfTheCodebooksIsOutOfRange() {
        // Given
        history.embedding("a", 1, 1).code("a", 0, 1, 0).code("a", 8, 2, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_OUT_OF_RANGE, "a", "codebooks of [4, 4, 8]");
    }

    @Test
    void codeWithTooFewLevelsIsOutOfRange() {
        // Given
        history.embedding("a", 1, 1)
                .code("a", 0, 1, 0)
                .code(MODEL, 0, "a", HistoryBuilder.code(MODEL, "a", List.of(0, 0), 2, 0, 0));

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.CODE_OUT_OF_RANGE, "a", "codebooks of [4, 4, 8]");
    }

    @Test
    void itemOfARecordIsItsKey() {
        // Given
        history.embedding("a", 1, 1).code(MODEL, 0, "a", HistoryBuilder.code(MODEL, "b", List.of(0, 0, 0), 1, 0, 0));

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.WRONG_KEY, "a", "names item b of model model-a");
    }

    @Test
    void modelOfARecordIsThatOfItsTopic() {
        // Given
        history.embedding("a", 1, 1).code(MODEL, 0, "a", HistoryBuilder.code("other", "a", List.of(0, 0, 0), 1, 0, 0));

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.WRONG_KEY, "a", "of model other");
    }

    @Test
    void codeThatIsNoJsonIsUnreadable() {
        // Given
        history.embedding("a", 1, 1).code("a", 0, 1, 0).codeValue(MODEL, 0, "a", "{".getBytes(UTF_8));

        // When
        VerifyReport report = history.report();

        // Then
        requireOnly(report, ViolationKind.UNREADABLE_CODE, "a", "record 0@1 is not a valid ItemCode");
    }

    @Test
    void letterWithoutItsPositionIsUnreadable() {
        // Given
        history.letter("a", Map.of("reason", "bad-json", "topic", "item-embeddings", "partition", "0"));

        // When
        VerifyReport report = history.report();

        // Then
        assertThat(report.isClean()).isFalse();
        assertThat(report.letterViolations().counts()).isEqualTo(Map.of(ViolationKind.UNREADABLE_LETTER, 1L));
        assertThat(report.letterViolations().first().get(0).detail()).endsWith("header dead-letter-offset is missing");
    }

    private static Map<ViolationKind, Long> kinds(VerifyReport report) {
        return report.generations().get(0).violations().counts();
    }

    private static void requireOnly(VerifyReport report, ViolationKind kind, String item, String expected) {
        assertThat(report.isClean()).isFalse();
        assertThat(kinds(report)).isEqualTo(Map.of(kind, 1L));
        Violation violation = report.generations().get(0).violations().first().get(0);
        assertThat(violation.item()).isEqualTo(item);
        assertThat(violation.detail()).contains(expected);
    }
}
