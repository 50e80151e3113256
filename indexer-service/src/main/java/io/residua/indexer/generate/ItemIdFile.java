package io.residua.indexer.generate;

import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.io.ByteOrderMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A file with one item id per line, in the order of the rows. Lines end with LF or CRLF; the last one need not end. A byte
 * order mark before the first is skipped. */
final class ItemIdFile {
    private ItemIdFile() {}

    /**
     * Reads the ids of some rows.
     *
     * @param rows how many there have to be
     * @throws IOException naming the file and the line, if one is no item id or was there before, or if there are more
     *     or fewer
     */
    static List<String> read(Path file, long rows) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, expected a file with one item id per line");
        }
        byte[] content = Files.readAllBytes(file);
        List<String> ids = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (int start = ByteOrderMark.textStart(content); start < content.length; ) {
            int end = start;
            while (end < content.length && content[end] != '\n') {
                end++;
            }
            String id = id(file, ids.size() + 1, content, start, end);
            Integer before = lines.put(id, ids.size() + 1);
            if (before != null) {
                throw new IOException(
                        file + ": lines " + before + " and " + (ids.size() + 1) + " are both '" + id + "'");
            }
            ids.add(id);
            start = end + 1;
        }
        if (ids.size() != rows) {
            throw new IOException(file + " has " + ids.size() + " ids, expected one for each of " + rows + " rows");
        }
        return ids;
    }

    private static String id(Path file, int line, byte[] content, int start, int end) throws IOException {
        int last = end > start && content[end - 1] == '\r' ? end - 1 : end;
        try {
            return ItemIds.require(Arrays.copyOfRange(content, start, last));
        } catch (InvalidEmbeddingException e) {
            throw new IOException(file + ": line " + line + ": " + e.getMessage(), e);
        }
    }
}
