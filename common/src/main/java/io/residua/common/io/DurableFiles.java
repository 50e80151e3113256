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
 * Writes files atomically: into a temporary file in the same folder, which is forced to disk and then moved over the
 * target. If the process is killed meanwhile, the previous file stays intact.
 */
public final class DurableFiles {
    private static final boolean WINDOWS =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");

    private DurableFiles() {}

    /** The temporary path for {@code target}, a hidden name in the same folder, to be moved by {@link #moveInto}. */
    public static Path beside(Path target) {
        return target.resolveSibling("." + target.getFileName() + ".part");
    }

    /**
     * Moves a file or folder atomically and forces the move to disk. Its content must have been forced to disk before.
     *
     * @param source in the same folder as {@code target}
     * @param target replaced if it is a file or an empty folder
     */
    public static void moveInto(Path source, Path target) throws IOException {
        Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        forceFolder(target.toAbsolutePath().getParent());
    }

    /** Writes a new file and forces it to disk. Not atomic. */
    public static void write(Path file, byte[] content) throws IOException {
        Files.write(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Creates or atomically replaces the file {@code target}. */
    public static void replace(Path target, byte[] content) throws IOException {
        Path part = beside(target);
        Files.deleteIfExists(part);
        write(part, content);
        moveInto(part, target);
    }

    /** Forces a folder's entries to disk. Does nothing on Windows, which has no such operation. */
    public static void forceFolder(Path folder) throws IOException {
        if (WINDOWS) {
            return;
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes a folder recursively, if it exists. Deletes links instead of following them. */
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
