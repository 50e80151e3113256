package io.residua.indexer.lookup;

import io.residua.indexer.wire.Codes;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Rows of a read model as bytes. The first byte of a key tells what the row is: the model's position, an item by its id,
 * or a code by its entries, two bytes each, so that codes lie in ascending order.
 */
final class ReadModelRows {
    /** The one row that says how far the model is. */
    static final byte[] POSITION_KEY = {0};

    static final byte[] FIRST_ITEM_KEY = {1};
    static final byte[] FIRST_CODE_KEY = {2};

    private ReadModelRows() {}

    static byte[] itemKey(byte[] itemId) {
        return prefixed(FIRST_ITEM_KEY, itemId);
    }

    static byte[] codeKey(int... codeOrPrefix) {
        return prefixed(FIRST_CODE_KEY, Codes.key(codeOrPrefix));
    }

    static boolean isCode(byte[] key) {
        return key[0] == FIRST_CODE_KEY[0];
    }

    /** The item id, or the code's bytes, that a key holds. */
    static byte[] content(byte[] key) {
        return Arrays.copyOfRange(key, 1, key.length);
    }

    /** The code that the key of a code's row holds. */
    static int[] code(byte[] codeKey) {
        return Codes.ofKey(content(codeKey));
    }

    /** An item's value is its claim and its code's bytes; a code's value is the claim and the holder's id. */
    static byte[] value(long claim, byte[] content) {
        return ByteBuffer.allocate(Long.BYTES + content.length)
                .putLong(claim)
                .put(content)
                .array();
    }

    static long claim(byte[] value) {
        return ByteBuffer.wrap(value).getLong();
    }

    static byte[] valueContent(byte[] value) {
        return Arrays.copyOfRange(value, Long.BYTES, value.length);
    }

    private static byte[] prefixed(byte[] kind, byte[] content) {
        byte[] key = new byte[1 + content.length];
        key[0] = kind[0];
        System.arraycopy(content, 0, key, 1, content.length);
        return key;
    }
}
