package io.residua.evaluator.tally;

import io.residua.common.event.IndexMetrics;

/** Items per entry of one level's codebook. */
final class LevelTally {
    private final long[] items;
    private int used;

    LevelTally(int size) {
        items = new long[size];
    }

    /** Counts {@code more} items at {@code entry}, less if negative. */
    void add(int entry, int more) {
        long before = items[entry];
        items[entry] = before + more;
        used += Long.signum(items[entry]) - Long.signum(before);
    }

    /** The level's metrics; O(size). */
    IndexMetrics.Level metrics() {
        double entropy = entropy();
        return new IndexMetrics.Level(items.length, used, (double) used / items.length, entropy, Math.exp(entropy));
    }

    /** −Σ pᵢ ln pᵢ over the shares pᵢ of the entries, in nats; 0 without items. */
    private double entropy() {
        long total = 0;
        for (long count : items) {
            total += count;
        }
        double entropy = 0;
        for (long count : items) {
            if (count > 0) {
                double share = (double) count / total;
                entropy -= share * Math.log(share);
            }
        }
        // A single used entry gives −0.
        return entropy + 0.0;
    }
}
