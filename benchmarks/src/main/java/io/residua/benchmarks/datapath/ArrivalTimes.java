package io.residua.benchmarks.datapath;

/** When the codes of a run came, in the order in which they came. */
final class ArrivalTimes {
    private final long[] nanos;
    private int count;

    /** For at most {@code capacity} codes. */
    ArrivalTimes(int capacity) {
        nanos = new long[capacity];
    }

    /** One more came, not before the last one. */
    void add(long nanoTime) {
        nanos[count++] = nanoTime;
    }

    int count() {
        return count;
    }

    /** When the last one came; there must be one. */
    long last() {
        return nanos[count - 1];
    }

    /** Codes per second from {@code start} until the last one; there must be one. */
    double rateSince(long start) {
        return count * 1e9 / (last() - start);
    }

    /**
     * Codes per second over the middle 60 % of them: neither the start, in which the first waits for everything, nor the
     * end, in which less and less is under way, counts. Not a number if they all came at once.
     */
    double middleRate() {
        int from = count / 5;
        int to = count - 1 - count / 5;
        long time = to > from ? nanos[to] - nanos[from] : 0;
        return time > 0 ? (to - from) * 1e9 / time : Double.NaN;
    }
}
