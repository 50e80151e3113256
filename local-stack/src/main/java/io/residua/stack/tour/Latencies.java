package io.residua.stack.tour;

import java.util.Arrays;

/** Latencies of single items, from embedding sent to code received. */
final class Latencies {
    private final long[] sortedNanos;

    Latencies(long[] nanos) {
        sortedNanos = nanos.clone();
        Arrays.sort(sortedNanos);
    }

    int count() {
        return sortedNanos.length;
    }

    /**
     * The given percentile in milliseconds, by the nearest-rank method.
     *
     * @param percent above 0, at most 100; at least one latency must have been recorded
     */
    double percentileMillis(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sortedNanos.length);
        return sortedNanos[Math.max(rank, 1) - 1] / 1e6;
    }
}
