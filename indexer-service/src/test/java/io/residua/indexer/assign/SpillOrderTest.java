package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.quantise.Codebooks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SpillOrderTest {
    @Test
    void goesDepthFirstNearestFirstAsAPlainRecursionDoes() {
        // Given
        Random random = new Random(4);
        Codebooks codebooks = Codebooks.of(3, new float[][] {random(random, 4), random(random, 5), random(random, 7)});

        for (int i = 0; i < 50; i++) {
            float[] z = random(random, 1);
            int[] nearest = codebooks.nearest(z);

            // When
            List<int[]> order = order(codebooks, z, nearest);

            // Then
            assertThat(order).usingRecursiveComparison().isEqualTo(plainOrder(codebooks, z));
            assertThat(order.get(0)).containsExactly(nearest[0], nearest[1]);
        }
    }

    @Test
    void theItemsOwnPrefixComesFirstEvenIfTheEncoderChoseAnotherAtATie() {
        // Given
        Codebooks codebooks = Codebooks.of(1, new float[][] {{-1, 1, 5}, {0, 1}});

        // When
        List<int[]> order = order(codebooks, new float[] {0}, new int[] {1, 0});

        // Then
        assertThat(order).containsExactly(new int[] {1}, new int[] {0}, new int[] {2});
    }

    @Test
    void endsAfter64Prefixes() {
        // Given
        Random random = new Random(4);
        Codebooks codebooks =
                Codebooks.of(3, new float[][] {random(random, 8), random(random, 100), random(random, 2)});
        float[] z = random(random, 1);

        // When
        List<int[]> order = order(codebooks, z, codebooks.nearest(z));

        // Then
        assertThat(order).hasSize(SpillOrder.MAX_PREFIXES).doesNotHaveDuplicates();
    }

    @Test
    void oneLevelHasNoOtherPrefix() {
        // Given
        Codebooks codebooks = Codebooks.of(1, new float[][] {{0, 1}});

        // When
        List<int[]> order = order(codebooks, new float[] {0}, new int[] {0});

        // Then
        assertThat(order).containsExactly(new int[0]);
    }

    private static List<int[]> order(Codebooks codebooks, float[] z, int[] nearest) {
        SpillOrder spills = new SpillOrder(codebooks);
        List<int[]> order = new ArrayList<>();
        for (int[] prefix = spills.prefix(z, nearest, 0); prefix != null; prefix = next(spills, z, nearest, order)) {
            order.add(prefix);
        }
        return order;
    }

    private static int[] next(SpillOrder spills, float[] z, int[] nearest, List<int[]> order) {
        return spills.prefix(z, nearest, order.size());
    }

    private static List<int[]> plainOrder(Codebooks codebooks, float[] z) {
        List<int[]> order = new ArrayList<>();
        descend(codebooks, z, new int[0], order);
        return order;
    }

    private static void descend(Codebooks codebooks, float[] z, int[] prefix, List<int[]> order) {
        if (prefix.length == codebooks.levels() - 1) {
            order.add(prefix);
            return;
        }
        float[] residual = new float[codebooks.eDim()];
        codebooks.residual(z, 0, prefix, prefix.length, residual);
        IntStream.range(0, codebooks.size(prefix.length))
                .boxed()
                .sorted(Comparator.comparingDouble(code -> codebooks.squaredDistance(residual, 0, prefix.length, code)))
                .forEach(code -> {
                    int[] longer = Arrays.copyOf(prefix, prefix.length + 1);
                    longer[prefix.length] = code;
                    descend(codebooks, z, longer, order);
                });
    }

    private static float[] random(Random random, int entries) {
        float[] values = new float[entries * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
