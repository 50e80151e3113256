package io.residua.indexer.export;

import io.residua.common.index.IndexFile;
import io.residua.common.io.ByteOrderMark;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what an export starts from: which format a file has shows in its content, not in its name. */
final class SourceFile {
    /** A safetensors file begins with the length of its header, 8 bytes, and the header's brace. */
    private static final int HEADER_LENGTH_BYTES = 8;

    private SourceFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException naming what is wrong with it
     */
    static Exported read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, expected an index, a list of codes or a trie");
        }
        byte[] head = head(file);
        if (head.length > HEADER_LENGTH_BYTES && head[HEADER_LENGTH_BYTES] == '{' && head[7] == 0 && head[6] == 0) {
            return TrieFile.read(file);
        }
        int first = ByteOrderMark.textStart(head);
        while (first < head.length && Character.isWhitespace(head[first])) {
            first++;
        }
        return first < head.length && (head[first] == '{' || head[first] == '[')
                ? Exported.of(IndexFile.read(file))
                : CsvFile.read(file);
    }

    private static byte[] head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(64);
        }
    }
}
