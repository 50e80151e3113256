package io.residua.evaluator.tally;

import java.util.function.ObjLongConsumer;

/** Where an {@link IndexTally} keeps its numbers, so that they outlive it. Keys compare as unsigned bytes. */
public interface CountStore {
    /** The number under {@code key}, 0 if there is none. */
    long get(byte[] key);

    /** Keeps {@code value} under {@code key}; 0 removes it. */
    void put(byte[] key, long value);

    /** Every number under the keys from {@code from}, inclusive, to {@code to}, exclusive. */
    void range(byte[] from, byte[] to, ObjLongConsumer<byte[]> visitor);
}
