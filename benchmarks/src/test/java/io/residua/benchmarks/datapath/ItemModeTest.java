package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ItemModeTest {
    private static final int ROWS = 40;
    private static final int WIDTH = 24;
    private static final SampleRows SAMPLE = sample(WIDTH);

    @ParameterizedTest
    @EnumSource
    void itemsAreTheSameInEveryRunAndOthersWithAnotherSeed(ItemMode mode) {
        // When
        ItemVectors first = mode.vectors(SAMPLE, 1000, 1);
        ItemVectors second = mode.vectors(SAMPLE, 1000, 1);
        ItemVectors other = mode.vectors(SAMPLE, 1000, 2);

        // Then
        for (int item = 0; item < 1000; item++) {
            assertThat(second.of(item)).isEqualTo(first.of(item));
            assertThat(other.of(item)).isNotEqualTo(first.of(item));
        }
    }

    @Test
    void distinctItemsDifferFromEachOtherMuchMoreThanCopiesDo() {
        // Given
        ItemVectors mixtures = ItemMode.DISTINCT.vectors(SAMPLE, 300, 1);
        ItemVectors copies = ItemMode.COPIES.vectors(SAMPLE, 300, 1);

        // Then: 300 items are copies of 6 rows, so item 6 is the second copy of item 0's row
        assertThat(relativeDistance(copies.of(0), copies.of(6))).isBetween(1e-6, 0.01);
        assertThat(relativeDistance(copies.of(0), copies.of(1))).isGreaterThan(0.1);
        for (int a = 0; a < 300; a++) {
            for (int b = 0; b < a; b++) {
                assertThat(relativeDistance(mixtures.of(a), mixtures.of(b))).isGreaterThan(0.01);
            }
        }
    }

    @Test
    void mixtureIsAsLongAsARowOfTheSample() {
        // Given
        SampleRows unit = new SampleRows(unitRows(), WIDTH, WIDTH);

        // When
        ItemVectors mixtures = ItemMode.DISTINCT.vectors(unit, 100, 1);

        // Then
        for (int item = 0; item < 100; item++) {
            assertThat(norm(mixtures.of(item))).isCloseTo(1, within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void itemsOfAnotherDimensionHaveThatManyFloats(ItemMode mode) {
        // When
        ItemVectors longer = mode.vectors(sample(3 * WIDTH + 1), 100, 1);
        ItemVectors shorter = mode.vectors(sample(5), 100, 1);

        // Then
        assertThat(longer.of(99)).hasSize(3 * WIDTH + 1);
        assertThat(shorter.of(99)).hasSize(5);
        assertThat(longer.of(1)).isNotEqualTo(longer.of(2));
    }

    private static SampleRows sample(int dim) {
        return new SampleRows(randomRows(), WIDTH, dim);
    }

    private static float[] randomRows() {
        SplittableRandom random = new SplittableRandom(7);
        float[] rows = new float[ROWS * WIDTH];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextGaussian();
        }
        return rows;
    }

    private static float[] unitRows() {
        float[] rows = new float[ROWS * WIDTH];
        for (int row = 0; row < ROWS; row++) {
            rows[row * WIDTH + row % WIDTH] = 1;
        }
        return rows;
    }

    private static double relativeDistance(float[] a, float[] b) {
        float[] difference = a.clone();
        for (int d = 0; d < difference.length; d++) {
            difference[d] -= b[d];
        }
        return norm(difference) / norm(a);
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
