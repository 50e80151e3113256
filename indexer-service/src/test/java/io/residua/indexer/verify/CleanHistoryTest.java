package io.residua.indexer.verify;

import static io.residua.indexer.verify.HistoryBuilder.MODEL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.verify.NotJudged.Cause;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories that the promises allow, and those of which too little is left to judge them. */
class CleanHistoryTest {
    private final HistoryBuilder history = new HistoryBuilder();

    @Test
    void itemThatMovedHasTheCodeOfItsNewestEmbedding() {
        // Given
        history.embedding("a", 1, 1).embedding("a", 2, 2).code("a", 0, 1, 0).code("a", 3, 2, 1);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.liveItems()).isEqualTo(1);
        assertThat(report.withCode()).isEqualTo(1);
        assertThat(report.codeRecords()).isEqualTo(2);
    }

    @Test
    void codeMayGoToAnotherItemOnceItIsGivenUp() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("a", 2, 2)
                .embedding("b", 1, 1)
                .code("a", 0, 1, 0)
                .code("a", 3, 2, 1)
                .code("b", 0, 3, 2);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.withCode()).isEqualTo(2);
    }

    @Test
    void handOverAcrossPartitionsIsJudgedByClaimsInWhicheverOrderTheyAreRead() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("a", 2, 2)
                .embedding("b", 1, 1)
                .code(1, "b", 0, 3, 2)
                .code(0, "a", 0, 1, 0)
                .code(0, "a", 3, 2, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
    }

    @Test
    void codeMayComeBackToItsFirstHolder() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("a", 2, 2)
                .embedding("b", 1, 1)
                .deletion("b")
                .embedding("a", 1, 1)
                .code("a", 0, 1, 0)
                .code("a", 3, 2, 1)
                .code("b", 0, 3, 2)
                .tombstone("b", 3)
                .code("a", 0, 4, 4);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.deletedItems()).isEqualTo(1);
    }

    @Test
    void deletedItemThatComesBackMayGetAnotherCodeForTheSameEmbedding() {
        // Given
        history.embedding("a", 1, 1)
                .deletion("a")
                .embedding("a", 1, 1)
                .code("a", 0, 1, 0)
                .tombstone("a", 1)
                .code("a", 3, 2, 2);

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
    }

    @Test
    void itemThatWasDeletedBeforeItWasCodedNeedsNoTombstone() {
        // Given
        history.embedding("a", 1, 1).deletion("a");

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.deletedItems()).isEqualTo(1);
    }

    @Test
    void codeOfAnEqualEmbeddingThatWasSentBeforeIsUpToDate() {
        // Given
        history.embedding("a", 1, 0)
                .embedding("a", 2, 2)
                .embedding("a", 1, -0.0f)
                .code("a", 0, 1, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
    }

    @Test
    void sameCodeMayBePublishedForADifferentEmbedding() {
        // Given
        history.embedding("a", 1, 1).embedding("a", 1, 1.01f).code("a", 0, 1, 0).code("a", 0, 2, 1);

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
    }

    @Test
    void itemThatFoundNoFreeCodeIsAnsweredByItsLetter() {
        // Given
        history.embedding("a", 1, 1).letter("a", "code-space-full", 0);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.liveItems()).isEqualTo(1);
        assertThat(report.refused()).isEqualTo(1);
        assertThat(report.withCode()).isZero();
    }

    @Test
    void itemWhoseNewEmbeddingWasRefusedKeepsItsCode() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("a", 2, 2)
                .code("a", 0, 1, 0)
                .letter("a", "code-space-full", 1)
                .letter("a", "code-space-full", 1);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.withCode()).isEqualTo(1);
        assertThat(report.refused()).isEqualTo(1);
    }

    @Test
    void unreadableRecordChangesNothingOfItsItem() {
        // Given
        history.embedding("a", 1, 1)
                .source(0, "a".getBytes(UTF_8), new byte[5])
                .source(0, new byte[] {(byte) 0xff}, new byte[8])
                .source(0, null, new byte[8])
                .code("a", 0, 1, 0)
                .letter("a", "wrong-dimension", 1)
                .letter("x", "bad-item-id", 2)
                .letter("x", "bad-item-id", 3);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.liveItems()).isEqualTo(1);
    }

    @Test
    void generationsAreJudgedByThemselves() {
        // Given
        history.model("model-b")
                .embedding("a", 1, 1)
                .code("a", 0, 1, 0)
                .code("model-b", 0, "a", HistoryBuilder.code("model-b", "a", List.of(0, 0, 0), 1, 0, 0));

        // When
        VerifyReport report = history.report();

        // Then
        assertThat(report.isClean()).isTrue();
        assertThat(report.generations())
                .extracting(GenerationReport::modelVersion)
                .containsExactly(MODEL, "model-b");
    }

    @Test
    void newestRecordOfSeveralPartitionsIsThatWithTheLaterTimestamp() {
        // Given
        history.embedding(1, "a", 1, 1)
                .embedding(0, "a", 2, 2)
                .code(MODEL, 0, "a", HistoryBuilder.code(MODEL, "a", List.of(0, 0, 0), 1, 1, 0))
                .code("a", 3, 2, 0);

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
    }

    @Test
    void itemOfSeveralPartitionsWhoseTimestampsContradictOffsetsIsNotJudged() {
        // Given
        history.at(90)
                .embedding(0, "a", 1, 1)
                .at(10)
                .embedding(0, "a", 2, 2)
                .at(50)
                .embedding(1, "a", 3, 3)
                .code("a", 0, 1, 0);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.notJudged().counts()).isEqualTo(Map.of(Cause.ORDER_UNCLEAR, 1L));
    }

    @Test
    void whatCompactionRemovedIsNotJudged() {
        // Given
        history.embedding("moved", 1, 1)
                .embedding("moved", 2, 2)
                .embedding("resent", 3, 3)
                .embedding("resent", 3, 3)
                .deletion("forgotten")
                .code("moved", 0, 1, 0)
                .code("moved", 1, 2, 1)
                .code("resent", 2, 3, 2)
                .code("forgotten", 3, 4, 4)
                .compacted(0)
                .compacted(2)
                .compacted(4);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.notJudged().counts())
                .isEqualTo(Map.of(Cause.CHANGE_WITHOUT_SOURCE_RECORD, 1L, Cause.SOURCE_RECORD_GONE, 2L));
    }

    @Test
    void letterThatRetentionMayHaveRemovedIsNotMissed() {
        // Given
        history.lettersShortened()
                .source(0, "a".getBytes(UTF_8), new byte[5])
                .embedding("b", 1, 1)
                .letter("c", "bad-json", 99);

        // When
        GenerationReport report = requireClean(history.report());

        // Then
        assertThat(report.notJudged().counts()).isEqualTo(Map.of(Cause.LETTER_MAY_BE_GONE, 2L));
    }

    @Test
    void letterAboutARecordThatIsNewerThanTheOldestLetterIsMissed() {
        // Given
        history.lettersShortened().letter("c", "bad-json", 99).source(0, "a".getBytes(UTF_8), new byte[5]);

        // When
        VerifyReport report = history.report();

        // Then
        assertThat(report.generations().get(0).violations().counts())
                .isEqualTo(Map.of(ViolationKind.MISSING_LETTER, 1L));
    }

    @Test
    void itemsThatChangedAfterTheEndsWereCapturedAreNotJudged() {
        // Given
        history.embedding("moved", 1, 1)
                .embedding("deleted", 2, 2)
                .embedding("refused", 3, 3)
                .code("deleted", 0, 1, 1);
        IndexHistory captured = history.captured();
        history.code("moved", 3, 2, 3).tombstone("deleted", 4).letter("refused", "code-space-full", 5);

        // When
        GenerationReport report = requireClean(history.readOn(captured));

        // Then
        assertThat(report.notJudged().counts()).isEqualTo(Map.of(Cause.CHANGED_MEANWHILE, 3L));
    }

    @Test
    void reportIsCleanOnceTheMissingRecordsHaveCome() {
        // Given
        history.embedding("a", 1, 1)
                .embedding("a", 2, 2)
                .embedding("b", 1, 1)
                .code(0, "a", 0, 1, 0)
                .code(1, "b", 0, 3, 2);
        IndexHistory captured = history.captured();
        VerifyReport before = history.readOn(captured);
        history.code(0, "a", 3, 2, 1);

        // When
        VerifyReport after = history.readOn(captured);

        // Then
        assertThat(before.isSettled()).isFalse();
        assertThat(before.generations().get(0).violations().counts())
                .containsOnlyKeys(ViolationKind.OUTDATED_CODE, ViolationKind.CODE_HELD_TWICE);
        requireClean(after);
        assertThat(after.isSettled()).isTrue();
    }

    @Test
    void lettersAboutInternalRecordsAreOnlyCounted() {
        // Given
        history.letter("a", Map.of("reason", "malformed-internal-record", "topic", "requests"));

        // When
        VerifyReport report = history.report();

        // Then
        requireClean(report);
        assertThat(report.letters()).isEqualTo(1);
        assertThat(report.lettersOfOtherTopics()).isEqualTo(1);
    }

    private static GenerationReport requireClean(VerifyReport report) {
        GenerationReport generation = report.generations().get(0);
        assertThat(generation.violations().first()).isEmpty();
        assertThat(report.isClean()).isTrue();
        return generation;
    }
}
