package io.residua.common.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The file that a command writes.
 *
 * @param file where it goes
 */
public record OutputFile(Path file) {
    /** Writes a file's content. */
    @FunctionalInterface
    public interface Content {
        /** Writes it; {@code out} is buffered, flushed and closed elsewhere. */
        void write(OutputStream out) throws IOException;
    }

    /**
     * Creates the file's folder if it is missing, and checks that a file can be created there.
     *
     * @throws IOException if there can be no such file
     */
    public void createFolder() throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (FileAlreadyExistsException e) {
            throw new IOException("cannot write " + file + ": " + folder + " is no folder", e);
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot create folder " + folder.normalize() + (e.getReason() == null ? "" : ": " + e.getReason()),
                    e);
        }
        if (Files.isDirectory(file)) {
            throw new IOException("cannot write " + file + ": it is a folder");
        }
        requireWritable(folder);
    }

    private void requireWritable(Path folder) throws IOException {
        Path part = DurableFiles.beside(file.toAbsolutePath().normalize());
        try {
            Files.deleteIfExists(part);
            Files.createFile(part);
            Files.delete(part);
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot write " + file + ": no file can be created in " + folder.normalize()
                            + (e.getReason() == null ? "" : ": " + e.getReason()),
                    e);
        }
    }

    /** Writes the content beside the file's place, forces it to disk, then moves it there. */
    public void write(Content content) throws IOException {
        Path target = file.toAbsolutePath().normalize();
        Path part = DurableFiles.beside(target);
        try {
            try (FileChannel channel = FileChannel.open(
                            part,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
                    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
                content.write(out);
                out.flush();
                channel.force(true);
            }
            DurableFiles.moveInto(part, target);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
