package io.residua.common.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Float16Test {
    @Test
    void everyOneOfThe65536ValuesIsExactAndSurvivesTheRoundTrip() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            // Given
            short half = (short) bits;
            double expected = byDefinition(bits);

            // When
            float value = Float16.toFloat(half);
            short back = Float16.fromFloat(value);

            // Then
            if (Double.isNaN(expected)) {
                assertThat(value).as("bits %04x", bits).isNaN();
                assertThat(Float16.toFloat(back)).as("bits %04x", bits).isNaN();
            } else {
                // Compared as objects, so that −0 is not 0.
                assertThat(Double.valueOf(value)).as("bits %04x", bits).isEqualTo(expected);
                assertThat(back).as("bits %04x", bits).isEqualTo(half);
            }
        }
    }

    @Test
    void numbersBetweenTwoHalvesGoToTheNearerOneAndTiesToEven() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            // Given
            float below = (float) byDefinition(bits);
            float above = bits == 0x7bff ? 65536 : (float) byDefinition(bits + 1);
            float middle = (below + above) / 2;
            int even = (bits & 1) == 0 ? bits : bits + 1;

            // When
            int ofMiddle = Float16.fromFloat(middle);
            int justBelow = Float16.fromFloat(Math.nextDown(middle));
            int justAbove = Float16.fromFloat(Math.nextUp(middle));
            int ofNegative = Float16.fromFloat(-middle) & 0xffff;

            // Then
            assertThat(ofMiddle).as("middle above %04x", bits).isEqualTo(even);
            assertThat(justBelow).as("below middle above %04x", bits).isEqualTo(bits);
            assertThat(justAbove).as("above middle above %04x", bits).isEqualTo(bits + 1);
            assertThat(ofNegative).as("minus middle above %04x", bits).isEqualTo(even | 0x8000);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1e10, 7c00",
        "-1e10, fc00",
        "Infinity, 7c00",
        "-Infinity, fc00",
        "1e-30, 0000",
        "-1e-30, 8000",
        "1.4e-45, 0000",
        "65519.996, 7bff"
    })
    void numbersOutOfRangeBecomeInfiniteOrZero(float value, String expected) {
        // When
        short half = Float16.fromFloat(value);

        // Then
        assertThat(String.format("%04x", half & 0xffff)).isEqualTo(expected);
    }

    @Test
    void nanWhosePayloadIsLostStaysNan() {
        // Given
        float nan = Float.intBitsToFloat(0x7f80_0001);

        // When
        short half = Float16.fromFloat(nan);

        // Then
        assertThat(Float16.toFloat(half)).isNaN();
    }

    /** IEEE 754-2008, 3.4: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
    private static double byDefinition(int bits) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 31) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * Math.scalb(fraction / 1024.0, -14)
                : sign * Math.scalb(1 + fraction / 1024.0, exponent - 15);
    }
}
