package io.residua.common.index;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import io.residua.common.event.SemanticIds;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Writes an {@linkplain IndexFile index file} item by item. Memory does not grow with the items. Not thread-safe.
 */
public final class IndexWriter implements AutoCloseable {
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
    private static final int MAX_CACHED_TOKENS = 1 << 16;

    private final JsonGenerator json;
    /** Each token of a usual codebook is encoded once. */
    private final SerializedString[][] tokens;

    /**
     * Begins an index.
     *
     * @param out where it goes; {@link #close} leaves it open
     * @param codebookSizes entries per level, coarsest first
     */
    public IndexWriter(OutputStream out, List<Integer> codebookSizes) throws IOException {
        json = JSON.createGenerator(out);
        tokens = codebookSizes.stream()
                .map(size -> new SerializedString[Math.min(size, MAX_CACHED_TOKENS)])
                .toArray(SerializedString[][]::new);
        json.writeStartObject();
    }

    /**
     * Adds an item, which must not have been added before.
     *
     * @param codes holds the item's code, one entry per level, from {@code offset} on
     */
    public void add(String itemId, int[] codes, int offset) throws IOException {
        json.writeArrayFieldStart(itemId);
        for (int level = 0; level < tokens.length; level++) {
            json.writeString(token(level, codes[offset + level]));
        }
        json.writeEndArray();
    }

    private SerializedString token(int level, int code) {
        if (code >= tokens[level].length) {
            return new SerializedString(SemanticIds.token(level, code));
        }
        if (tokens[level][code] == null) {
            tokens[level][code] = new SerializedString(SemanticIds.token(level, code));
        }
        return tokens[level][code];
    }

    /** Ends the index. */
    @Override
    public void close() throws IOException {
        json.writeEndObject();
        json.close();
    }
}
