package io.residua.stack.tour;

import java.util.Arrays;

/** Times that single items took from embedding to code. */
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
     * The least time that {@code percent} of all do not exceed, in milliseconds.
     *
     * @param percent above 0, at most 100; there must be at least one time
     */
    double percentileMillis(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sortedNanos.length);
        return sortedNanos[Math.max(rank, 1) - 1] / 1e6;
    }
}
