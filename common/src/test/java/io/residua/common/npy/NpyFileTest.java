package io.residua.common.npy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.io.Float16;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyFileTest {
    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({
        "f4-c-v1, FLOAT32",
        "f4-fortran-v2, FLOAT32",
        "f4-big-v3, FLOAT32",
        "f2-c-v1, FLOAT16",
        "f2-big-fortran-v1, FLOAT16",
        "f8-c-v1, FLOAT64",
        "f8-big-fortran-v1, FLOAT64"
    })
    void filesWrittenByNumpyAreRead(String name, NpyType type) throws IOException {
        // Given
        float[] all = new float[6];
        float[] second = new float[5];
        float small = type == NpyType.FLOAT16 ? 0x1.064p-10f : 1e-3f;

        // When
        try (NpyFile file = NpyFile.open(resource(name))) {
            file.readRows(0, 2, all, 0);
            file.readRow(1, second, 2);

            // Then
            assertThat(file.rows()).isEqualTo(2);
            assertThat(file.dim()).isEqualTo(3);
            assertThat(file.type()).isEqualTo(type);
        }
        assertThat(all).containsExactly(0.5f, -1.25f, 3, small, 65504, -0f);
        assertThat(second).containsExactly(0, 0, small, 65504, -0f);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16, false", "FLOAT16, true", "FLOAT32, false", "FLOAT32, true", "FLOAT64, false", "FLOAT64, true"
    })
    void rowsThatLieAcrossSegmentsAreReadWhole(NpyType type, boolean fortran) throws IOException {
        // Given
        int rows = 37;
        int dim = 11;
        float[] values = smallIntegers(rows * dim);
        Path path = temp.resolve("x.npy");
        Files.write(path, numpyFile(type, fortran, rows, dim, values));
        float[] some = new float[20 * dim];

        // When
        try (NpyFile file = NpyFile.open(path, 3)) {
            file.readRows(7, 20, some, 0);
        }

        // Then
        assertThat(some).containsExactly(Arrays.copyOfRange(values, 7 * dim, 27 * dim));
    }

    @Test
    void filesBeyondTwoGibibytesAreRead() throws IOException {
        // Given
        long rows = 600_000_001L;
        Path path = temp.resolve("sparse.npy");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(NpyHeader.write(NpyType.FLOAT32, rows, 1).array());
            file.seek(128 + (rows - 1) * 4);
            file.writeInt(Integer.reverseBytes(Float.floatToIntBits(7.5f)));
        }
        float[] last = new float[2];

        // When
        try (NpyFile file = NpyFile.open(path)) {
            file.readRows(rows - 2, 2, last, 0);
        }

        // Then
        assertThat(last).containsExactly(0, 7.5f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "i8-c-v1       | has dtype '<i8', expected float16, float32 or float64",
                "structured    | has dtype structured, expected float16, float32 or float64",
                "one-dimension | has shape (3), expected two dimensions"
            })
    void whatCannotBeReadIsNamed(String name, String message) {
        // Given
        Path path = resource(name);

        // When / Then
        assertThatThrownBy(() -> NpyFile.open(path))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(path.toString())
                .hasMessageContaining(message);
    }

    @Test
    void fileCutOffAnywhereIsRefused() throws IOException {
        // Given
        byte[] whole = Files.readAllBytes(resource("f4-c-v1"));
        Path path = temp.resolve("cut.npy");

        for (int length : new int[] {0, 5, 9, 60, whole.length - 24, whole.length - 1}) {
            // When
            Files.write(path, Arrays.copyOf(whole, length));

            // Then
            assertThatThrownBy(() -> NpyFile.open(path))
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(length < 128 ? "ends in the header" : "is truncated: 2 rows of 3 elements");
        }
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        // Given
        Path text = Files.writeString(temp.resolve("x.npy"), "id,vector\n1,2\n");
        byte[] future = Files.readAllBytes(resource("f4-c-v1"));
        future[6] = 4;
        Path newer = Files.write(temp.resolve("y.npy"), future);

        // When / Then
        assertThatThrownBy(() -> NpyFile.open(text)).hasMessageContaining("x.npy is no .npy file");
        assertThatThrownBy(() -> NpyFile.open(newer)).hasMessageContaining("has .npy version 4, expected 1, 2 or 3");
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, 1L << 61, 3})
    void rowCountTheDataDoNotReachIsRefused(long rows) throws IOException {
        // Given
        byte[] header = NpyHeader.write(NpyType.FLOAT32, rows, 2).array();
        Path path = Files.write(temp.resolve("x.npy"), Arrays.copyOf(header, 128 + 16));

        // When / Then
        assertThatThrownBy(() -> NpyFile.open(path)).hasMessageContaining("is truncated: " + rows + " rows");
    }

    @Test
    void rowsOutsideTheFileAreRefused() throws IOException {
        // Given
        float[] target = new float[6];

        // When
        try (NpyFile file = NpyFile.open(resource("f4-c-v1"))) {
            // Then
            assertThatThrownBy(() -> file.readRow(2, target, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> file.readRow(-1, target, 0)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> file.readRow(0, target, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void closedFileSaysSo() throws IOException {
        // Given
        NpyFile file = NpyFile.open(resource("f4-c-v1"));
        file.close();

        // When / Then
        assertThatThrownBy(() -> file.readRow(0, new float[3], 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageEndingWith("is closed");
    }

    private static byte[] numpyFile(NpyType type, boolean fortran, int rows, int dim, float[] values) {
        String order = fortran ? "True " : "False";
        String header = new String(NpyHeader.write(type, rows, dim).array(), ISO_8859_1);
        ByteBuffer file = ByteBuffer.allocate(128 + rows * dim * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        file.put(header.replace("False", order).getBytes(ISO_8859_1));
        for (int i = 0; i < rows * dim; i++) {
            float value = fortran ? values[i % rows * dim + i / rows] : values[i];
            switch (type) {
                case FLOAT16 -> file.putShort(Float16.fromFloat(value));
                case FLOAT32 -> file.putFloat(value);
                default -> file.putDouble(value);
            }
        }
        return file.array();
    }

    /** Exact in all types. */
    private static float[] smallIntegers(int n) {
        Random random = new Random(5);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextInt(2048) - 1024;
        }
        return values;
    }

    private static Path resource(String name) {
        return Path.of("src/test/resources/npy", name + ".npy");
    }
}
