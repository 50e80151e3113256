package io.residua.common.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyFilesTest {
    @TempDir
    private Path folder;

    @Test
    void rowsOfSeveralFilesAreOneMatrix() throws IOException {
        // Given
        Path first = write("first.npy", 1, 2, 3);
        Path empty = write("empty.npy");
        Path last = write("last.npy", 4, 5);

        try (NpyFiles files = new NpyFiles(List.of(first, empty, last))) {
            // When
            float[] some = new float[1 + 2 * 3];
            files.readRows(1, 3, some, 1);
            float[] row = new float[2];
            files.readRow(3, row, 0);

            // Then
            assertThat(files.rows()).isEqualTo(5);
            assertThat(some).containsExactly(0, 2, -2, 3, -3, 4, -4);
            assertThat(row).containsExactly(4, -4);
            assertThat(files.describe(4)).isEqualTo("row 1 of " + last);
            assertThatThrownBy(() -> files.readRows(3, 3, new float[6], 0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void filesOfDifferentWidthsAreRefused() throws IOException {
        // Given
        Path narrow = write("narrow.npy", 1);
        Path wide = folder.resolve("wide.npy");
        try (NpyWriter writer = NpyWriter.create(wide, NpyType.FLOAT32, 3)) {
            writer.commit();
        }

        // When / Then
        assertThatThrownBy(() -> new NpyFiles(List.of(narrow, wide)))
                .hasMessage(wide + " has rows of 3 elements, expected 2 as in " + narrow);
    }

    private Path write(String name, float... numbers) throws IOException {
        Path file = folder.resolve(name);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, 2)) {
            for (float number : numbers) {
                writer.writeRow(new float[] {number, -number}, 0);
            }
            writer.commit();
        }
        return file;
    }
}
