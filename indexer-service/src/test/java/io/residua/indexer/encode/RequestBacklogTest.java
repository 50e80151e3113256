package io.residua.indexer.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class RequestBacklogTest {
    private static final GenerationTopics TOPICS =
            new GenerationTopics("app", "item-embeddings", "dlq", "requests", "grants", "counts", "codes");

    private final FakeOffsets offsets = new FakeOffsets();
    private final RequestBacklog backlog = new RequestBacklog(offsets, TOPICS, 2);

    @Test
    void brokerIsAskedOnceForManyRecords() {
        // When
        for (int i = 0; i < RequestBacklog.CHECK_EVERY - 1; i++) {
            backlog.awaitRoom(1);
        }
        int before = offsets.asked;
        backlog.awaitRoom(1);
        backlog.awaitRoom(1);

        // Then
        assertThat(before).isZero();
        assertThat(offsets.asked).isEqualTo(1);
    }

    @Test
    void onePartitionThatIsFarBehindHoldsBackUntilItIsConsumed() {
        // Given
        offsets.ends(100, 30_000);
        offsets.consumed(1, 9_999);

        // When
        CompletableFuture<Void> sender = awaitRoom();
        boolean before = isDoneSoon(sender);
        offsets.consumed(1, 10_000);

        // Then
        assertThat(before).isFalse();
        assertThat(sender).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void whatWasPurgedIsNoBacklogOfAGroupThatHasCommittedNothing() {
        // Given
        offsets.beginnings(1, 990_000);
        offsets.ends(0, 1_000_000);

        // When / Then
        assertThat(awaitRoom()).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void closeLetsAWaitingCallerReturn() {
        // Given
        offsets.ends(50_000, 0);
        CompletableFuture<Void> sender = awaitRoom();
        assertThat(isDoneSoon(sender)).isFalse();

        // When
        backlog.close();

        // Then
        assertThat(sender).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void brokerThatCannotBeAskedIsAnError() {
        // Given
        offsets.failure = new TimeoutException("no answer");

        // When / Then
        assertThatThrownBy(() -> backlog.awaitRoom(RequestBacklog.CHECK_EVERY)).hasMessage("no answer");
    }

    private CompletableFuture<Void> awaitRoom() {
        return CompletableFuture.runAsync(() -> backlog.awaitRoom(RequestBacklog.CHECK_EVERY));
    }

    /** Whether it returns although the broker was asked several times. */
    private boolean isDoneSoon(CompletableFuture<Void> sender) {
        int enough = offsets.asked + 3;
        while (offsets.asked < enough && !sender.isDone()) {
            Thread.onSpinWait();
        }
        return sender.isDone();
    }
}
