package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.TrainingEvent.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void terminalSeesOneLineThatMovesAndWipesWhatWasLonger() {
        // Given
        ProgressLine line = new ProgressLine(out, true);

        // When
        line.show(progress(30, 12_345, 100));
        line.show(progress(60, 1, 5));
        line.end();

        // Then
        assertThat(text())
                .isEqualTo("\r  [###############...............] epoch 30/60, loss 0.0123, 12,345 rows/s, 100 s left"
                        + "\r  [##############################] epoch 60/60, loss 0.0123, 1 rows/s, 5 s left       "
                        + System.lineSeparator());
    }

    @Test
    void fileGetsALineForEveryTenth() {
        // Given
        ProgressLine line = new ProgressLine(out, false);

        // When
        for (int epoch = 0; epoch <= 60; epoch++) {
            line.show(progress(epoch, 10, 1));
        }
        line.end();

        // Then
        assertThat(text().lines()).hasSize(10).allSatisfy(each -> assertThat(each)
                .startsWith("  epoch "));
        assertThat(text()).doesNotContain("\r[");
    }

    private static Progress progress(int epoch, double rowsPerSecond, double remaining) {
        return new Progress(epoch, 60, 0.01234, 0.01, null, rowsPerSecond, remaining);
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
