package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdaptiveCommitTest {
    private final MockProcessorContext<byte[], Object> context = new MockProcessorContext<>();
    private static final long INTERVAL = 100;
    private static final long EARLY_INTERVAL = INTERVAL / 4;
    private static final long FRESH = 10;
    private static final long LATE = AdaptiveCommit.LATE_INTERVALS * INTERVAL + 1;

    private final AdaptiveCommit commit = new AdaptiveCommit(context, Duration.ofMillis(INTERVAL));
    private long now = 1_000_000;

    @BeforeEach
    void setTime() {
        context.setCurrentSystemTimeMs(now);
    }

    @Test
    void aSingleRecordIsCommittedAtTheNextCheck() {
        // When
        commit.onRecord();
        check(5);

        // Then
        assertThat(context.committed()).isTrue();
    }

    @Test
    void nothingIsScheduledWhenNothingIsUncommitted() {
        // Given
        commit.onRecord();
        check(5);

        // Then
        assertThat(active()).isEmpty();
    }

    @Test
    void behindABacklogTheCommitIntervalDecides() {
        // When
        records(AdaptiveCommit.MAX_RECORDS + 1, LATE);
        check(5);
        check(INTERVAL);

        // Then
        assertThat(context.committed()).isFalse();
    }

    @Test
    void underALoadThatItKeepsUpWithItCommitsAtTheNextMultipleOfAQuarterOfTheInterval() {
        // Given
        records(AdaptiveCommit.MAX_RECORDS + 1, FRESH);

        // When
        check(EARLY_INTERVAL - 5);
        boolean before = context.committed();
        check(5);

        // Then
        assertThat(before).isFalse();
        assertThat(context.committed()).isTrue();
    }

    @Test
    void aFewOldEmbeddingsAreNoBacklog() {
        // Given
        records(AdaptiveCommit.MAX_RECORDS, FRESH);
        records(AdaptiveCommit.MAX_RECORDS, LATE);

        // When
        check(EARLY_INTERVAL);

        // Then
        assertThat(context.committed()).isTrue();
    }

    @Test
    void aBacklogOfTheWindowBeforeCountsToo() {
        // Given
        records(1_000, LATE);
        check(5);

        // When
        advance(AdaptiveCommit.WINDOW_MILLIS);
        records(AdaptiveCommit.MAX_RECORDS, FRESH);
        check(EARLY_INTERVAL);

        // Then
        assertThat(context.committed()).isFalse();
    }

    @Test
    void theWindowBeforeCountsToo() {
        // Given
        records(AdaptiveCommit.MAX_RECORDS, LATE);
        check(5);
        context.resetCommit();

        // When
        advance(AdaptiveCommit.WINDOW_MILLIS);
        records(1, LATE);
        check(5);

        // Then
        assertThat(context.committed()).isFalse();
    }

    @Test
    void loadThatHasEndedIsForgotten() {
        // Given
        records(1_000, LATE);
        check(5);

        // When
        check(2 * AdaptiveCommit.WINDOW_MILLIS);

        // Then
        assertThat(context.committed()).isTrue();
    }

    @Test
    void commitsThatEachLetASmallBatchThroughDoNotLookLikeLowLoad() {
        // When
        int commits = 0;
        for (int millis = 0; millis < 2_000; millis += 5) {
            records(10, LATE);
            check(5);
            commits += context.committed() ? 1 : 0;
            context.resetCommit();
        }

        // Then
        assertThat(commits).isLessThanOrEqualTo(2);
    }

    /** Records of embeddings that were sent some milliseconds ago. */
    private void records(int count, long age) {
        for (int i = 0; i < count; i++) {
            commit.onRecord(now - age);
        }
    }

    private void advance(long millis) {
        now += millis;
        context.setCurrentSystemTimeMs(now);
    }

    private void check(long afterMillis) {
        advance(afterMillis);
        active().forEach(punctuator -> punctuator.getPunctuator().punctuate(now));
    }

    private List<MockProcessorContext.CapturedPunctuator> active() {
        return List.copyOf(context.scheduledPunctuators()).stream()
                .filter(punctuator -> !punctuator.cancelled())
                .toList();
    }
}
