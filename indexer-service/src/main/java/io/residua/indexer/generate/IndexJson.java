package io.residua.indexer.generate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.residua.common.event.SemanticIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The index file that recommenders read: <code>{"0": ["&lt;a_1&gt;", "&lt;b_2&gt;", …], …}</code> by row number. */
final class IndexJson {
    private IndexJson() {}

    /** Writes the index beside {@code file}, then moves it there. */
    static void write(Path file, int[][] codes) throws IOException {
        Path absolute = file.toAbsolutePath();
        if (!Files.isDirectory(absolute.getParent())) {
            throw new IOException("--output_file: there is no folder " + absolute.getParent());
        }
        Path written =
                Files.createTempFile(absolute.getParent(), file.getFileName().toString(), ".new");
        try {
            try (JsonGenerator json = new JsonFactory().createGenerator(Files.newBufferedWriter(written))) {
                write(json, codes);
            }
            Files.move(written, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static void write(JsonGenerator json, int[][] codes) throws IOException {
        json.writeStartObject();
        for (int row = 0; row < codes.length; row++) {
            json.writeArrayFieldStart(Integer.toString(row));
            for (int level = 0; level < codes[row].length; level++) {
                json.writeString(SemanticIds.token(level, codes[row][level]));
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }
}
