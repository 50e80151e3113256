package io.residua.evaluator.stream;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {
    private Instant now = Instant.EPOCH;
    private final ThreadReplacement replacement = new ThreadReplacement("app", () -> now);

    @Test
    void givesUpWhenThreadsKeepDying() {
        // Given
        for (int death = 0; death < ThreadReplacement.LIMIT; death++) {
            assertThat(replacement.handle(new IllegalStateException("once"))).isEqualTo(REPLACE_THREAD);
        }

        // When
        var response = replacement.handle(new IllegalStateException("again"));

        // Then
        assertThat(response).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void forgetsDeathsOfLongAgo() {
        for (int death = 0; death < 3 * ThreadReplacement.LIMIT; death++) {
            // Given
            now = now.plus(ThreadReplacement.WINDOW.dividedBy(ThreadReplacement.LIMIT - 1))
                    .plus(Duration.ofSeconds(1));

            // When
            var response = replacement.handle(new IllegalStateException("once"));

            // Then
            assertThat(response).isEqualTo(REPLACE_THREAD);
        }
    }
}
