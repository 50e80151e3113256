package io.residua.common.index;

import java.util.Arrays;

/**
 * Numbers distinct codes, 0, 1, 2, … in the order in which they are added. A hash table with linear probing over flat
 * arrays, without an object per code. Several threads may look codes up while none is added.
 */
public final class CodeTable {
    /** Stands for "no such code". */
    public static final int NONE = -1;

    private static final int FIRST_SLOTS = 1 << 10;

    private final int levels;
    /** The distinct codes, one behind the other. */
    private int[] codes;
    /** Numbers by hash, {@link #NONE} where there is none. The length is a power of two. */
    private int[] slots = new int[FIRST_SLOTS];

    private int size;

    /**
     * An empty table.
     *
     * @param levels entries per code, at least 0
     */
    public CodeTable(int levels) {
        this.levels = levels;
        this.codes = new int[FIRST_SLOTS / 2 * levels];
        Arrays.fill(slots, NONE);
    }

    /** How many distinct codes there are. */
    public int size() {
        return size;
    }

    /** The number of the code that is in {@code source} from {@code offset} on; it is added if it is new. */
    public int add(int[] source, int offset) {
        int slot = slot(source, offset);
        if (slots[slot] != NONE) {
            return slots[slot];
        }
        if (2 * (size + 1) > slots.length) {
            grow();
            slot = slot(source, offset);
        }
        System.arraycopy(source, offset, codes, size * levels, levels);
        slots[slot] = size;
        return size++;
    }

    /** The number of the code that is in {@code source} from {@code offset} on, or {@link #NONE}. */
    public int find(int[] source, int offset) {
        return slots[slot(source, offset)];
    }

    /** A code by its number. */
    public int[] code(int number) {
        return Arrays.copyOfRange(codes, number * levels, (number + 1) * levels);
    }

    /** The slot that holds the code, or the free one where it belongs. */
    private int slot(int[] source, int offset) {
        int slot = hash(source, offset) & (slots.length - 1);
        while (slots[slot] != NONE && !isEqual(source, offset, slots[slot] * levels)) {
            slot = (slot + 1) & (slots.length - 1);
        }
        return slot;
    }

    private boolean isEqual(int[] source, int offset, int at) {
        for (int level = 0; level < levels; level++) {
            if (source[offset + level] != codes[at + level]) {
                return false;
            }
        }
        return true;
    }

    private int hash(int[] source, int offset) {
        int hash = 1;
        for (int level = 0; level < levels; level++) {
            hash = (hash + source[offset + level]) * 0x9E3779B1;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    private void grow() {
        codes = Arrays.copyOf(codes, slots.length * levels);
        slots = new int[2 * slots.length];
        Arrays.fill(slots, NONE);
        for (int number = 0; number < size; number++) {
            slots[slot(codes, number * levels)] = number;
        }
    }
}
