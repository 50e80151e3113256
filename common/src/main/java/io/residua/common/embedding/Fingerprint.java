package io.residua.common.embedding;

import java.nio.FloatBuffer;

/**
 * A 64-bit hash that recognises an embedding when it is sent again. The function must never change, because its values
 * are stored. Not cryptographic.
 */
public final class Fingerprint {
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private Fingerprint() {}

    /**
     * The hash of {@code dim} float32 numbers; −0 counts as 0, all other bit patterns as different. Two vectors that
     * differ in a single element never share it: every step is a bijection of the state. Takes O(dim), allocates
     * nothing.
     *
     * @param vector holds the numbers
     * @param offset absolute index of the first one; the buffer's position does not matter
     * @param dim how many
     */
    public static long of(FloatBuffer vector, int offset, int dim) {
        long hash = mix(GOLDEN ^ dim);
        int end = offset + dim;
        int i = offset;
        for (; i + 1 < end; i += 2) {
            hash = step(hash, bits(vector.get(i)) << 32 | bits(vector.get(i + 1)));
        }
        if (i < end) {
            hash = step(hash, bits(vector.get(i)));
        }
        return mix(hash);
    }

    /** The float's 32 bits; adding 0 turns −0 into 0 and leaves everything else as it is. */
    private static long bits(float x) {
        return Float.floatToRawIntBits(x + 0.0f) & 0xffff_ffffL;
    }

    /**
     * Mixes each word before it enters the state. This shortens the dependency chain, and two changes cannot cancel.
     */
    private static long step(long hash, long word) {
        return (Long.rotateLeft(hash, 29) ^ mix(word)) * GOLDEN;
    }

    /** Final mix: every bit of the state affects every bit of the result. */
    private static long mix(long x) {
        long h = (x ^ x >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        h = (h ^ h >>> 27) * 0x94d0_49bb_1331_11ebL;
        return h ^ h >>> 31;
    }
}
