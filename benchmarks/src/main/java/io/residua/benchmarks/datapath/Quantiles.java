package io.residua.benchmarks.datapath;

import java.util.Arrays;
import java.util.Locale;

/** Quantiles of measured times. */
final class Quantiles {
    private final double[] sorted;

    /** Of at least one value. */
    Quantiles(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("no values, expected at least one");
        }
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    /** The least value that a share of {@code q} of all values, above 0 and at most 1, do not exceed. */
    double at(double q) {
        int rank = (int) Math.ceil(q * sorted.length);
        return sorted[Math.max(rank, 1) - 1];
    }

    /** Median and upper tail, of milliseconds. */
    String words() {
        return String.format(Locale.ROOT, "p50 %6.1f ms   p95 %6.1f ms   p99 %6.1f ms", at(0.5), at(0.95), at(0.99));
    }
}
