package io.residua.common.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyWriterTest {
    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({"FLOAT16, 3", "FLOAT32, 3", "FLOAT64, 3", "FLOAT16, 40000", "FLOAT32, 40000", "FLOAT64, 40000"})
    void writtenRowsAreReadAgain(NpyType type, int dim) throws IOException {
        // Given
        Path path = temp.resolve("x.npy");
        int rows = 7;
        float[] values = halves(rows * dim);
        float[] read = new float[rows * dim];

        // When
        try (NpyWriter writer = NpyWriter.create(path, type, dim)) {
            for (int row = 0; row < rows; row++) {
                writer.writeRow(values, row * dim);
            }
            writer.commit();
        }
        try (NpyFile file = NpyFile.open(path)) {
            file.readRows(0, rows, read, 0);

            // Then
            assertThat(file.rows()).isEqualTo(rows);
            assertThat(file.type()).isEqualTo(type);
        }
        assertThat(read).isEqualTo(values);
        assertThat(Files.size(path)).isEqualTo(128L + (long) rows * dim * type.bytes());
    }

    @Test
    void theBytesAreThoseNumpyWrites() throws IOException {
        // Given
        Path path = temp.resolve("x.npy");
        float[] values = {0.5f, -1.25f, 3, 1e-3f, 65504, -0f};

        // When
        try (NpyWriter writer = NpyWriter.create(path, NpyType.FLOAT32, 3)) {
            writer.writeRow(values, 0);
            writer.writeRow(values, 3);
            writer.commit();
        }

        // Then
        assertThat(path).hasSameBinaryContentAs(Path.of("src/test/resources/npy/f4-c-v1.npy"));
    }

    @Test
    void integersAndDoublesAreWrittenExactly() throws IOException {
        // Given
        Path integers = temp.resolve("i.npy");
        Path doubles = temp.resolve("d.npy");

        // When
        try (NpyWriter writer = NpyWriter.create(integers, NpyType.INT64, 2)) {
            writer.writeRow(new long[] {9, Long.MIN_VALUE, 1L << 53}, 1);
            writer.commit();
        }
        try (NpyWriter writer = NpyWriter.create(doubles, NpyType.FLOAT64, 1)) {
            writer.writeRow(new double[] {Math.PI}, 0);
            writer.commit();
        }

        // Then
        ByteBuffer i = ByteBuffer.wrap(Files.readAllBytes(integers)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(i.getLong(128)).isEqualTo(Long.MIN_VALUE);
        assertThat(i.getLong(136)).isEqualTo(1L << 53);
        ByteBuffer d = ByteBuffer.wrap(Files.readAllBytes(doubles)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(d.getDouble(128)).isEqualTo(Math.PI);
    }

    @Test
    void withoutCommitTheFileThatWasThereStays() throws IOException {
        // Given
        Path path = Files.writeString(temp.resolve("x.npy"), "old");

        // When
        try (NpyWriter writer = NpyWriter.create(path, NpyType.FLOAT32, 1)) {
            writer.writeRow(new float[] {1}, 0);
        }

        // Then
        assertThat(path).hasContent("old");
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void fileWithoutRowsIsValid() throws IOException {
        // Given
        Path path = temp.resolve("x.npy");

        // When
        try (NpyWriter writer = NpyWriter.create(path, NpyType.FLOAT32, 4)) {
            writer.commit();
        }

        // Then
        try (NpyFile file = NpyFile.open(path)) {
            assertThat(file.rows()).isZero();
            assertThat(file.dim()).isEqualTo(4);
        }
    }

    @Test
    void rowsOfAnotherKindAreRefused() throws IOException {
        // Given
        try (NpyWriter writer = NpyWriter.create(temp.resolve("x.npy"), NpyType.INT64, 2)) {
            // When / Then
            assertThatThrownBy(() -> writer.writeRow(new float[2], 0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("holds INT64, not floats");
            assertThatThrownBy(() -> writer.writeRow(new long[2], 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /** Multiples of 1/8 that all types hold exactly. */
    private static float[] halves(int n) {
        Random random = new Random(9);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (random.nextInt(2000) - 1000) / 8f;
        }
        return values;
    }
}
