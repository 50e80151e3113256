package io.residua.indexer.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EncodeHealthTest {
    private static final Throwable CAUSE = new IllegalStateException("no memory on the device");

    private long nanoTime = Long.MAX_VALUE - 5;
    private final EncodeHealth health = new EncodeHealth(() -> nanoTime);

    @Test
    void failureIsTroubleUntilABatchSucceeds() {
        // When
        health.failed(CAUSE);
        var whileFailing = health.trouble();
        health.succeeded();

        // Then
        assertThat(whileFailing).contains(CAUSE.toString());
        assertThat(health.trouble()).isEmpty();
    }

    @Test
    void failureThatIsOverIsNoTroubleEvenIfNoEmbeddingCameSince() {
        // Given
        health.failed(CAUSE);

        // When
        pass(EncodeHealth.RECOVERED_AFTER);
        var justBefore = health.trouble();
        pass(Duration.ofSeconds(1));

        // Then
        assertThat(justBefore).isPresent();
        assertThat(health.trouble()).isEmpty();
        assertThat(health.failure()).isEmpty();
    }

    @Test
    void onlyAStageThatFailsForMinutesOnEndIsReported() {
        // When
        for (int i = 0; i <= 30; i++) {
            health.failed(CAUSE);
            if (i < 30) {
                assertThat(health.failure()).isEmpty();
            }
            pass(Duration.ofSeconds(10));
        }

        // Then
        assertThat(health.failure()).contains(CAUSE);
        health.succeeded();
        health.failed(CAUSE);
        assertThat(health.failure()).isEmpty();
    }

    @Test
    void batchThatTheBrokerDoesNotConfirmIsTroubleUntilItDoes() {
        // Given
        long first = health.sending();
        pass(Duration.ofSeconds(10));
        long second = health.sending();

        // When
        pass(Duration.ofSeconds(6));
        var waiting = health.trouble();
        health.sent(first);

        // Then
        assertThat(waiting).contains("the broker has not confirmed a batch for 16 s");
        assertThat(health.trouble()).isEmpty();
        health.sent(second);
        pass(Duration.ofMinutes(1));
        assertThat(health.trouble()).isEmpty();
    }

    private void pass(Duration time) {
        nanoTime += time.toNanos();
    }
}
