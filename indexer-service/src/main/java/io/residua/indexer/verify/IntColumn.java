package io.residua.indexer.verify;

import java.util.Arrays;

/** A growing row of numbers. What was never set is the default. */
final class IntColumn {
    private final int defaultValue;
    private int[] values = new int[64];
    private int size;

    IntColumn(int defaultValue) {
        this.defaultValue = defaultValue;
        Arrays.fill(values, defaultValue);
    }

    int size() {
        return size;
    }

    void add(int value) {
        set(size, value);
    }

    int get(int index) {
        return index < size ? values[index] : defaultValue;
    }

    void set(int index, int value) {
        if (index >= values.length) {
            int from = values.length;
            values = Arrays.copyOf(values, Math.max(index + 1, 2 * from));
            Arrays.fill(values, from, values.length, defaultValue);
        }
        values[index] = value;
        size = Math.max(size, index + 1);
    }
}
