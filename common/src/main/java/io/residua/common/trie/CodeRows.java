package io.residua.common.trie;

import java.util.Arrays;

/** A growing list of codes of equal length in one flat array; row r's code is at {@code r * levels}. */
public final class CodeRows {
    private static final int FIRST_CAPACITY = 1024;

    private final int levels;
    private int[] entries;
    private int size;

    /** No codes yet; each will have {@code levels} entries. */
    public CodeRows(int levels) {
        if (levels < 1) {
            throw new IllegalArgumentException("levels is " + levels + ", expected at least 1");
        }
        this.levels = levels;
        this.entries = new int[levels * FIRST_CAPACITY];
    }

    /** Adds the code at {@code offset} of {@code source}. */
    public void add(int[] source, int offset) {
        int end = Math.multiplyExact(size + 1, levels);
        if (end > entries.length) {
            entries = Arrays.copyOf(entries, (int) Math.min(2L * entries.length, Integer.MAX_VALUE - 8));
        }
        System.arraycopy(source, offset, entries, size * levels, levels);
        size++;
    }

    /**
     * Adds a code.
     *
     * @throws IllegalArgumentException if it has another number of entries
     */
    public void add(int... code) {
        if (code.length != levels) {
            throw new IllegalArgumentException("code has " + code.length + " levels, expected " + levels);
        }
        add(code, 0);
    }

    /** Number of codes. */
    public int size() {
        return size;
    }

    /** Entries per code. */
    public int levels() {
        return levels;
    }

    /** The entry of row {@code row} at {@code level}. */
    public int get(int row, int level) {
        return entries[row * levels + level];
    }

    /**
     * The distinct codes in ascending order. Sorts by counting, the last level first: the time is proportional to
     * levels × (codes + {@code vocabulary}).
     *
     * @param vocabulary every entry is less than this
     */
    CodeRows sortedDistinct(int vocabulary) {
        int[] order = new int[size];
        Arrays.setAll(order, row -> row);
        int[] next = new int[size];
        for (int level = levels - 1; level >= 0; level--) {
            sortStably(order, next, level, vocabulary);
            int[] sorted = next;
            next = order;
            order = sorted;
        }
        CodeRows distinct = new CodeRows(levels);
        for (int row : order) {
            if (distinct.size == 0 || firstDifference(row, distinct, distinct.size - 1) < levels) {
                distinct.add(entries, row * levels);
            }
        }
        return distinct;
    }

    private void sortStably(int[] order, int[] sorted, int level, int vocabulary) {
        int[] place = new int[vocabulary + 1];
        for (int row = 0; row < size; row++) {
            place[get(row, level) + 1]++;
        }
        for (int entry = 0; entry < vocabulary; entry++) {
            place[entry + 1] += place[entry];
        }
        for (int row : order) {
            sorted[place[get(row, level)]++] = row;
        }
    }

    /** The first level at which row {@code row} and {@code other}'s row {@code otherRow} differ; {@code levels} if none. */
    int firstDifference(int row, CodeRows other, int otherRow) {
        int level = 0;
        while (level < levels && get(row, level) == other.get(otherRow, level)) {
            level++;
        }
        return level;
    }
}
