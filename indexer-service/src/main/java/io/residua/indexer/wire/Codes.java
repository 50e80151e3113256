package io.residua.indexer.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Codes as bytes: two per level, big-endian, so that byte order is code order. */
public final class Codes {
    /** Largest codebook whose entries fit. */
    public static final int MAX_CODEBOOK_SIZE = 1 << Short.SIZE;

    private Codes() {}

    /** The key of the prefix of {@code codes}: all levels but the last. Empty for one level. */
    public static byte[] prefixKey(int[] codes) {
        return key(codes, codes.length - 1);
    }

    /** All levels of {@code codes}. */
    public static byte[] key(int[] codes) {
        return key(codes, codes.length);
    }

    private static byte[] key(int[] codes, int levels) {
        byte[] key = new byte[levels * Short.BYTES];
        for (int level = 0; level < levels; level++) {
            key[2 * level] = (byte) (codes[level] >>> 8);
            key[2 * level + 1] = (byte) codes[level];
        }
        return key;
    }

    /** Decodes a key that {@link #key} or {@link #prefixKey} has encoded. */
    public static int[] ofKey(byte[] key) {
        int[] codes = new int[key.length / Short.BYTES];
        for (int level = 0; level < codes.length; level++) {
            codes[level] = ((key[2 * level] & 0xFF) << 8) | (key[2 * level + 1] & 0xFF);
        }
        return codes;
    }

    /** The code of an entry of a prefix. */
    public static int[] of(int[] prefix, int entry) {
        int[] codes = Arrays.copyOf(prefix, prefix.length + 1);
        codes[prefix.length] = entry;
        return codes;
    }

    static int bytes(int[] codes) {
        return 1 + codes.length * Short.BYTES;
    }

    static void put(ByteBuffer out, int[] codes) {
        out.put((byte) codes.length);
        for (int code : codes) {
            out.putShort((short) code);
        }
    }

    static int[] get(ByteBuffer in) {
        int levels = Byte.toUnsignedInt(in.get());
        WireFormat.requireRemaining(in, levels * Short.BYTES);
        int[] codes = new int[levels];
        for (int level = 0; level < codes.length; level++) {
            codes[level] = Short.toUnsignedInt(in.getShort());
        }
        return codes;
    }
}
