package io.residua.common.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Item ids: the keys of {@code item-embeddings}. */
public final class ItemIds {
    /** Maximum length of an id in bytes of UTF-8. */
    public static final int MAX_BYTES = 512;

    private static final char REPLACEMENT = '\uFFFD';

    private ItemIds() {}

    /**
     * Decodes a record's key as an item id.
     *
     * @param key the key's bytes, or {@code null}
     * @throws InvalidEmbeddingException if it is not valid UTF-8 of 1 to {@value #MAX_BYTES} bytes
     */
    public static String require(byte[] key) throws InvalidEmbeddingException {
        if (key == null) {
            throw invalid("is null");
        }
        if (key.length == 0 || key.length > MAX_BYTES) {
            throw invalid("has " + key.length + " bytes");
        }
        String id = new String(key, UTF_8);
        // Compare the bytes only if the text holds the replacement character, which decoding inserts for invalid bytes.
        if (id.indexOf(REPLACEMENT) >= 0 && !Arrays.equals(id.getBytes(UTF_8), key)) {
            throw invalid("is not valid UTF-8");
        }
        return id;
    }

    private static InvalidEmbeddingException invalid(String what) {
        return new InvalidEmbeddingException(
                InvalidEmbeddingException.BAD_ITEM_ID,
                "item id " + what + ", expected UTF-8 of 1 to " + MAX_BYTES + " bytes");
    }
}
