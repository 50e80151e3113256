package io.residua.trainer.snapshot;

import java.util.HashMap;
import java.util.Map;

/** Counts embeddings by their dimension. */
final class Dimensions {
    private final Map<Integer, Long> counts = new HashMap<>();
    private int mostFrequent;

    void count(int dim) {
        long count = counts.merge(dim, 1L, Long::sum);
        if (count >= counts.getOrDefault(mostFrequent, 0L)) {
            mostFrequent = dim;
        }
    }

    /** The dimension most embeddings have; of several the one that got there last, which is newer. 0 without any. */
    int mostFrequent() {
        return mostFrequent;
    }
}
