package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.quantise.Codebooks;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OfflineAssignmentTest {
    private static final Codebooks CODEBOOKS = StageHarness.CODEBOOKS;

    @Test
    void theFirstOfThoseThatShareTheirNearestCodeKeepsIt() {
        // Given
        float[][] latents = {{10.9f, 0}, {10.9f, 0}, {-10, 0}};
        int[][] codes = nearest(latents);

        // When
        List<Integer> unplaced = new OfflineAssignment(CODEBOOKS, 0.02).resolve(codes, latents);

        // Then
        assertThat(unplaced).isEmpty();
        assertThat(codes).isDeepEqualTo(new int[][] {{1, 2}, {1, 1}, {0, 1}});
    }

    @Test
    void itemsFillEveryCodeWithinReachAndOnlyTheRestIsLeft() {
        // Given
        Random random = new Random(3);
        float[][] latents = new float[20][];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = new float[] {(float) random.nextGaussian() * 10, 0};
        }
        int[][] codes = nearest(latents);

        // When
        List<Integer> unplaced = new OfflineAssignment(CODEBOOKS, 0.02).resolve(codes, latents);

        // Then
        Set<String> distinct = new HashSet<>();
        Arrays.stream(codes).map(Arrays::toString).forEach(distinct::add);
        assertThat(distinct).hasSize(6);
        assertThat(unplaced).hasSize(14).isSorted();
    }

    private static int[][] nearest(float[][] latents) {
        return Arrays.stream(latents).map(CODEBOOKS::nearest).toArray(int[][]::new);
    }
}
