package io.residua.indexer.generate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.residua.common.event.SemanticIds;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The index file that recommenders read: <code>{"0": ["&lt;a_1&gt;", "&lt;b_2&gt;", …], …}</code> by row number.
 *
 * @param file where it goes
 */
record IndexJson(Path file) {
    /**
     * Creates the file's folder if it is missing.
     *
     * @throws IOException if there can be no such file
     */
    void createFolder() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
        } catch (FileAlreadyExistsException e) {
            throw new IOException("the index cannot be written to " + file + ": " + folder + " is no folder", e);
        }
        if (Files.isDirectory(file)) {
            throw new IOException("the index cannot be written to " + file + ": it is a folder");
        }
    }

    /** Writes the index beside its place, then moves it there. */
    void write(int[][] codes) throws IOException {
        Path absolute = file.toAbsolutePath();
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
