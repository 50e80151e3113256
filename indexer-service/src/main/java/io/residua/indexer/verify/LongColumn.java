package io.residua.indexer.verify;

import java.util.Arrays;

/** A growing row of numbers. */
final class LongColumn {
    private long[] values = new long[64];
    private int size;

    int size() {
        return size;
    }

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }

    long get(int index) {
        return values[index];
    }
}
