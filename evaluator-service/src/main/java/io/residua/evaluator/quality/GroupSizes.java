package io.residua.evaluator.quality;

import java.util.Arrays;

/**
 * How evenly items are spread over groups.
 *
 * @param groups number of groups
 * @param empty groups without items
 * @param median nearest-rank median of the items per group
 * @param p90 nearest-rank 90th percentile
 * @param p99 nearest-rank 99th percentile
 * @param max items in the largest group
 * @param gini Gini coefficient of the items per group: 0 if all groups are equally large
 */
public record GroupSizes(int groups, int empty, long median, long p90, long p99, long max, double gini) {
    /** Summarises the sizes of groups; 0 everywhere without groups. */
    public static GroupSizes of(long[] sizes) {
        long[] sorted = sizes.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        if (n == 0) {
            return new GroupSizes(0, 0, 0, 0, 0, 0, 0);
        }
        int empty = (int) Arrays.stream(sorted).filter(size -> size == 0).count();
        return new GroupSizes(
                n,
                empty,
                percentile(sorted, 50),
                percentile(sorted, 90),
                percentile(sorted, 99),
                sorted[n - 1],
                gini(sorted));
    }

    private static long percentile(long[] sorted, int percent) {
        long rank = ((long) percent * sorted.length + 99) / 100;
        return sorted[(int) rank - 1];
    }

    /** Σ (2i − n − 1) xᵢ / (n Σ xᵢ) over the sizes xᵢ in ascending order, i from 1. */
    private static double gini(long[] sorted) {
        double weighted = 0;
        double total = 0;
        for (int i = 0; i < sorted.length; i++) {
            weighted += (2.0 * i + 1 - sorted.length) * sorted[i];
            total += sorted[i];
        }
        return total == 0 ? 0 : weighted / (sorted.length * total);
    }
}
