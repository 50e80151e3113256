package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CollisionSeparationTest {
    private static final int D = 4;
    private static final int K = 32;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tellsMoreRowsApartForLittleError(long seed) {
        // Given
        SplittableRandom random = new SplittableRandom(seed);
        int groups = 40;
        float[] residuals = new float[(2 * groups + 400) * D];
        int[] prefixes = new int[2 * groups + 400];
        for (int row = 0; row < prefixes.length; row++) {
            boolean twin = row < 2 * groups && row % 2 == 1;
            prefixes[row] = row < 2 * groups ? row / 2 : -row;
            for (int j = 0; j < D; j++) {
                residuals[row * D + j] = twin
                        ? residuals[(row - 1) * D + j] + (float) (0.3 * random.nextGaussian())
                        : (float) random.nextGaussian();
            }
        }
        float[] codebook = Arrays.copyOfRange(residuals, 2 * groups * D, (2 * groups + K) * D);
        int before = distinct(codebook, residuals, prefixes);

        // When
        float[] moved = CollisionSeparation.separate(codebook, D, residuals, prefixes);

        // Then
        int after = distinct(moved, residuals, prefixes);
        assertThat(2 * groups - after).isLessThanOrEqualTo((2 * groups - before) * 2 / 3);
        assertThat(error(moved, residuals)).isLessThan(1.2 * error(codebook, residuals));
    }

    @Test
    void oneLargeGroupAndALargeCodebookComeToAnEnd() {
        // Given
        SplittableRandom random = new SplittableRandom(4);
        float[] residuals = new float[1500 * D];
        for (int i = 0; i < residuals.length; i++) {
            residuals[i] = (float) random.nextGaussian();
        }
        int[] prefixes = new int[1500];
        float[] codebook = Arrays.copyOf(residuals, 512 * D);

        // When
        float[] moved = CollisionSeparation.separate(codebook, D, residuals, prefixes);

        // Then
        assertThat(moved).hasSize(codebook.length);
    }

    @Test
    void rowsThatAreTheSameAreLeftAlone() {
        // Given
        float[] residuals = {1, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0, 0};
        int[] prefixes = {0, 0, -1};
        float[] codebook = new float[K * D];
        for (int i = 0; i < codebook.length; i++) {
            codebook[i] = i % 7;
        }

        // When
        float[] moved = CollisionSeparation.separate(codebook, D, residuals, prefixes);

        // Then
        assertThat(moved).containsExactly(codebook);
    }

    @Test
    void codebookWithoutCollisionsStaysAsItIs() {
        // Given
        float[] codebook = new float[K * D];
        float[] residuals = new float[K * D];
        for (int i = 0; i < codebook.length; i++) {
            codebook[i] = i;
            residuals[i] = i + 0.1f;
        }

        // When
        float[] moved = CollisionSeparation.separate(codebook, D, residuals, new int[K]);

        // Then
        assertThat(moved).containsExactly(codebook);
    }

    private static int distinct(float[] codebook, float[] residuals, int[] prefixes) {
        Set<Long> codes = new HashSet<>();
        for (int row = 0; row < prefixes.length; row++) {
            if (prefixes[row] >= 0) {
                codes.add((long) prefixes[row] * K + nearest(codebook, residuals, row));
            }
        }
        return codes.size();
    }

    private static double error(float[] codebook, float[] residuals) {
        double sum = 0;
        for (int row = 0; row < residuals.length / D; row++) {
            sum += squaredDistance(codebook, nearest(codebook, residuals, row), residuals, row);
        }
        return sum;
    }

    private static int nearest(float[] codebook, float[] residuals, int row) {
        int best = 0;
        for (int entry = 1; entry < K; entry++) {
            if (squaredDistance(codebook, entry, residuals, row) < squaredDistance(codebook, best, residuals, row)) {
                best = entry;
            }
        }
        return best;
    }

    private static double squaredDistance(float[] codebook, int entry, float[] residuals, int row) {
        double sum = 0;
        for (int j = 0; j < D; j++) {
            double difference = codebook[entry * D + j] - residuals[row * D + j];
            sum += difference * difference;
        }
        return sum;
    }
}
