package io.residua.common.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;

/**
 * Files that are there completely or not at all: written beside their place, forced to disk, then moved over in one
 * atomic step, so that whoever is killed meanwhile costs nobody the previous file.
 */
public final class DurableFiles {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");

    private DurableFiles() {}

    /** Where to write what {@link #moveInto} puts at {@code target}: in the same folder, under a hidden name. */
    public static Path beside(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".part");
    }

    /**
     * Moves a file or folder, atomically, and makes that last. What it holds must have been forced to disk before.
     *
     * @param source in the same folder as {@code target}
     * @param target replaced if it is a file or an empty folder
     */
    public static void moveInto(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(target.toAbsolutePath().getParent());
    }

    /** Writes a file that is complete and on disk when this returns. Not atomic. */
    public static void write(Path file, byte[] content) throws IOException {
        Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Puts a file at {@code target}, in place of the one that may be there, which stays until the new one is complete. */
    public static void replace(Path target, byte[] content) throws IOException {
        Path part = beside(target);
        Files.deleteIfExists(part);
        write(part, content);
        moveInto(part, target);
    }

    /** Forces a folder's entries to disk, where the operating system has such a thing. */
    public static void forceFolder(Path folder) throws IOException {
        if (WINDOWS) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a folder with all it holds, if it is there. Links are deleted, not followed. */
    public static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
