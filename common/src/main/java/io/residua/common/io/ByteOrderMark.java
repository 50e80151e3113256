package io.residua.common.io;

import java.util.Arrays;

/** What editors put before the text of a file in UTF-8. It is no part of the text. */
public final class ByteOrderMark {
    private static final byte[] UTF_8 = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private ByteOrderMark() {}

    /** Where the text begins in a file's content, of which {@code content} is the beginning or all. */
    public static int textStart(byte[] content) {
        boolean isThere =
                content.length >= UTF_8.length && Arrays.equals(content, 0, UTF_8.length, UTF_8, 0, UTF_8.length);
        return isThere ? UTF_8.length : 0;
    }
}
