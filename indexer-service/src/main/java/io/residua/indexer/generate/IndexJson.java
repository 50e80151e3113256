package io.residua.indexer.generate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.residua.common.event.SemanticIds;
import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

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
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (FileAlreadyExistsException e) {
            throw new IOException("the index cannot be written to " + file + ": " + folder + " is no folder", e);
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot create folder " + folder.normalize() + (e.getReason() == null ? "" : ": " + e.getReason()),
                    e);
        }
        if (Files.isDirectory(file)) {
            throw new IOException("the index cannot be written to " + file + ": it is a folder");
        }
    }

    /** Writes the index beside its place, then moves it there. */
    void write(int[][] codes) throws IOException {
        Path target = file.toAbsolutePath().normalize();
        Path part = DurableFiles.beside(target);
        try {
            try (JsonGenerator json = new JsonFactory().createGenerator(Files.newBufferedWriter(part))) {
                write(json, codes);
            }
            DurableFiles.moveInto(part, target);
        } finally {
            Files.deleteIfExists(part);
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
