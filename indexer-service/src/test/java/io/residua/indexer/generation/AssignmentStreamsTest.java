package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.residua.indexer.wire.ItemCountsV1;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;

class AssignmentStreamsTest {
    private int replaced;
    private final StreamsUncaughtExceptionHandler onFailure =
            AssignmentStreams.onThreadFailure("app-v1", () -> replaced++);

    @Test
    void recordOfALaterReleaseStopsTheGenerationWithOneLine() {
        // Given
        Throwable newer = catchThrowable(() -> new ItemCountsV1().fromBytes(new byte[] {9}));

        try (LogLines log = new LogLines(AssignmentStreams.class)) {
            // When
            StreamThreadExceptionResponse response = onFailure.handle(new StreamsException("task 0_1", newer));

            // Then
            assertThat(response).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
            assertThat(replaced).isZero();
            assertThat(log.records).singleElement().satisfies(record -> assertThat(record.getThrown())
                    .isNull());
        }
    }

    @Test
    void failedThreadIsReplacedUntilItFailsAgainAndAgain() {
        // When / Then
        for (int i = 0; i < 10; i++) {
            assertThat(onFailure.handle(new StreamsException("task 0_1")))
                    .isEqualTo(StreamThreadExceptionResponse.REPLACE_THREAD);
        }
        assertThat(onFailure.handle(new StreamsException("task 0_1")))
                .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
        assertThat(replaced).isEqualTo(10);
    }
}
