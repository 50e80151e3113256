package io.residua.evaluator.tally;

import java.nio.ByteBuffer;
import java.util.List;

/** The keys of a {@link CountStore}: a byte that says what is counted, then which one, big-endian. */
final class CountKey {
    /** Sums over the whole index, by number. */
    static final byte TOTAL = 0;
    /** Items at an entry, by level and entry. */
    static final byte ENTRY = 1;
    /** Nearest codes by the number of items that share one. */
    static final byte SHARED_BY = 2;
    /** Items by full code. */
    static final byte CODE = 3;
    /** Items by nearest code. */
    static final byte NEAREST = 4;

    private CountKey() {}

    static byte[] first(byte kind) {
        return new byte[] {kind};
    }

    static byte[] total(int number) {
        return new byte[] {TOTAL, (byte) number};
    }

    static byte[] entry(int level, int entry) {
        return ByteBuffer.allocate(6).put(ENTRY).put((byte) level).putInt(entry).array();
    }

    static byte[] sharedBy(long items) {
        return ByteBuffer.allocate(9).put(SHARED_BY).putLong(items).array();
    }

    static byte[] code(byte kind, List<Integer> codes) {
        ByteBuffer key = ByteBuffer.allocate(1 + 4 * codes.size()).put(kind);
        codes.forEach(key::putInt);
        return key.array();
    }
}
