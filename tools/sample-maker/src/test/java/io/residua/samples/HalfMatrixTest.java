package io.residua.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfMatrixTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0000",
        "-0, 8000",
        "1, 3c00",
        "-2, c000",
        "0.1, 2e66",
        "1.99999, 4000",
        "65504, 7bff",
        "65520, 7c00",
        "6.1035156e-5, 0400",
        "5.9604645e-8, 0001",
        "2.9802322e-8, 0000",
        "0.00048840046, 1000",
        "NaN, 7e00"
    })
    void roundsToTheNearestHalf(float value, String expected) {
        // When
        short half = HalfMatrix.toHalf(value);

        // Then
        assertThat(String.format("%04x", half & 0xffff)).isEqualTo(expected);
    }

    @Test
    void writesRowsBehindAnAlignedHeader(@TempDir Path folder) throws Exception {
        // Given
        Path file = folder.resolve("two.npy");

        // When
        HalfMatrix.write(file, List.of(new float[] {1, -2, 0}, new float[] {0.1f, 0, 0}));

        // Then
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.capacity()).isEqualTo(128 + 12);
        assertThat(bytes.getShort(8)).isEqualTo((short) 118);
        assertThat(bytes.getShort(128 + 2)).isEqualTo((short) 0xc000);
        assertThat(bytes.getShort(128 + 6)).isEqualTo((short) 0x2e66);
    }
}
