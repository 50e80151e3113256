package io.residua.common.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RowProgressTest {
    private final StringWriter out = new StringWriter();
    private long now = 17;

    @Test
    void terminalGetsABarThatDisappears() {
        // Given
        RowProgress progress = progress(true);

        // When
        advance(Duration.ofMillis(100));
        progress.done(10);
        advance(Duration.ofMillis(900));
        progress.done(2_000);
        progress.done(2_001);
        progress.close();

        // Then
        assertThat(out.toString())
                .isEqualTo("\r\u001B[K[" + "█".repeat(12) + "·".repeat(12)
                        + "] encoding 2,000/4,000 rows  2,000 rows/s  0:01 left\r\u001B[K");
    }

    @Test
    void elsewhereThereIsALineNowAndThen() {
        // Given
        RowProgress progress = progress(false);

        // When
        for (int second = 1; second <= 14; second++) {
            advance(Duration.ofSeconds(1));
            progress.done(100L * second);
        }
        progress.close();

        // Then
        assertThat(out.toString().lines())
                .containsExactly(
                        "encoding 500/4,000 rows  100 rows/s  0:35 left",
                        "encoding 1,000/4,000 rows  100 rows/s  0:30 left");
    }

    @Test
    void shortWorkSaysNothing() {
        // Given
        RowProgress progress = progress(true);

        // When
        progress.done(4_000);
        progress.close();

        // Then
        assertThat(out.toString()).isEmpty();
    }

    private RowProgress progress(boolean terminal) {
        return new RowProgress(new PrintWriter(out), "encoding", 4_000, terminal, () -> now);
    }

    private void advance(Duration time) {
        now += time.toNanos();
    }
}
