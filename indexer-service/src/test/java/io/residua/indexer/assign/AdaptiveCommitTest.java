package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdaptiveCommitTest {
    private final MockProcessorContext<byte[], Object> context = new MockProcessorContext<>();
    private final AdaptiveCommit commit = new AdaptiveCommit(context);
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
    void underLoadTheCommitIntervalDecides() {
        // When
        records(AdaptiveCommit.MAX_RECORDS + 1);
        check(5);

        // Then
        assertThat(context.committed()).isFalse();
    }

    @Test
    void theWindowBeforeCountsToo() {
        // Given
        records(AdaptiveCommit.MAX_RECORDS);
        check(5);
        context.resetCommit();

        // When
        advance(AdaptiveCommit.WINDOW_MILLIS);
        records(1);
        check(5);

        // Then
        assertThat(context.committed()).isFalse();
    }

    @Test
    void loadThatHasEndedIsForgotten() {
        // Given
        records(1_000);
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
            records(10);
            check(5);
            commits += context.committed() ? 1 : 0;
            context.resetCommit();
        }

        // Then
        assertThat(commits).isLessThanOrEqualTo(2);
    }

    private void records(int count) {
        for (int i = 0; i < count; i++) {
            commit.onRecord();
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
