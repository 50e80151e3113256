package io.residua.indexer.assign;

import io.residua.common.index.CodeTable;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Which entries of which prefixes are held: one bit each. Prefixes are numbered by one thread; after that, several
 * threads may hold entries, each of a prefix of its own.
 */
final class HeldEntries {
    private final int size;
    private final int words;
    private final CodeTable prefixes;
    private long[] bits = new long[0];
    private int[] counts = new int[0];

    /**
     * Nothing is held.
     *
     * @param levels entries per code
     * @param size entries of the last codebook
     */
    HeldEntries(int levels, int size) {
        this.size = size;
        this.words = (size + Long.SIZE - 1) / Long.SIZE;
        this.prefixes = new CodeTable(levels - 1);
    }

    /** The number of the prefix that {@code codes} has from {@code offset} on; a new one if it had none. */
    int prefix(int[] codes, int offset) {
        int prefix = prefixes.add(codes, offset);
        if (prefix >= counts.length) {
            counts = Arrays.copyOf(counts, Math.max(1024, 2 * counts.length));
            bits = Arrays.copyOf(bits, counts.length * words);
        }
        return prefix;
    }

    /** The number of a prefix, {@link CodeTable#NONE} if it has none. Several threads may ask while none numbers one. */
    int find(int[] codes, int offset) {
        return prefixes.find(codes, offset);
    }

    /** Codes of all levels but the last. */
    int[] codes(int prefix) {
        return prefixes.code(prefix);
    }

    boolean isHeld(int prefix, int entry) {
        return (bits[word(prefix, entry)] & 1L << entry) != 0;
    }

    boolean isFull(int prefix) {
        return counts[prefix] == size;
    }

    /** Lets somebody hold an entry; false if somebody does. */
    boolean hold(int prefix, int entry) {
        if (isHeld(prefix, entry)) {
            return false;
        }
        bits[word(prefix, entry)] |= 1L << entry;
        counts[prefix]++;
        return true;
    }

    void forEach(int prefix, IntConsumer action) {
        for (int entry = 0; entry < size; entry++) {
            if (isHeld(prefix, entry)) {
                action.accept(entry);
            }
        }
    }

    private int word(int prefix, int entry) {
        return prefix * words + entry / Long.SIZE;
    }
}
