package io.residua.common.streams;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.streams.ThreadReplacement.Limit;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {
    private static final int MAX_REPLACEMENTS = 5;
    private static final Duration WINDOW = Duration.ofMinutes(10);

    private long now = Long.MAX_VALUE;
    private final ThreadReplacement replacement =
            new ThreadReplacement("app", new Limit(MAX_REPLACEMENTS, WINDOW), () -> now);

    @Test
    void shutsTheClientDownWhenThreadsKeepFailing() {
        // Given
        for (int failure = 0; failure < MAX_REPLACEMENTS; failure++) {
            assertThat(replacement.handle(new IllegalStateException("once"))).isEqualTo(REPLACE_THREAD);
        }

        // When
        var response = replacement.handle(new IllegalStateException("again"));

        // Then
        assertThat(response).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void forgetsFailuresOlderThanTheWindow() {
        for (int failure = 0; failure < 3 * MAX_REPLACEMENTS; failure++) {
            // Given
            now += WINDOW.dividedBy(MAX_REPLACEMENTS - 1).plusSeconds(1).toNanos();

            // When
            var response = replacement.handle(new IllegalStateException("once"));

            // Then
            assertThat(response).isEqualTo(REPLACE_THREAD);
        }
    }
}
