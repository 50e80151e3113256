package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;

/** An item with its code. */
@SuppressWarnings("ArrayRecordComponent")
record HeldItem(String itemId, int[] code, long claim) {
    static HeldItem of(byte[] itemId, int[] code, long claim) {
        return new HeldItem(id(itemId), code, claim);
    }

    /** The id that the bytes of a key are. */
    static String id(byte[] itemId) {
        return new String(itemId, UTF_8);
    }
}
