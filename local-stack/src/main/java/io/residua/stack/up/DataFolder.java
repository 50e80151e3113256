package io.residua.stack.up;

import io.residua.stack.StackException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that holds everything a local installation keeps: the broker's log, artifacts, states, logs. A marker file
 * tells it from other folders, and a lock on that file keeps it to one launcher at a time.
 */
final class DataFolder implements AutoCloseable {
    private static final String MARKER = "residua-data";

    private final Path root;
    private final FileChannel marker;

    private DataFolder(Path root, FileChannel marker) {
        this.root = root;
        this.marker = marker;
    }

    /**
     * Opens {@code folder}, which may be missing or empty, and locks it.
     *
     * @throws StackException if it holds something else or is in use
     */
    static DataFolder open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            if (!Files.exists(root.resolve(MARKER)) && !contents(root).isEmpty()) {
                throw new StackException(
                        root + " is not a Residua data folder and not empty; name another with --data");
            }
            FileChannel marker =
                    FileChannel.open(root.resolve(MARKER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!lock(marker)) {
                marker.close();
                throw new StackException("another 'residua up' is running on " + root);
            }
            return new DataFolder(root, marker);
        } catch (IOException e) {
            throw new StackException("cannot use " + root + " as data folder: " + e, e);
        }
    }

    private static boolean lock(FileChannel marker) throws IOException {
        try {
            FileLock lock = marker.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Deletes everything in the folder. */
    void clean() {
        contents(root).stream()
                .filter(path -> !path.getFileName().toString().equals(MARKER))
                .forEach(DataFolder::delete);
    }

    Path root() {
        return root;
    }

    Path broker() {
        return root.resolve("broker");
    }

    Path artifacts() {
        return root.resolve("artifacts");
    }

    Path log(String program) {
        return root.resolve("logs").resolve(program + ".log");
    }

    /** Folder for the state that {@code program} keeps between runs. */
    Path state(String program) {
        return root.resolve(program);
    }

    /** An empty folder for temporary files of {@code program}. */
    Path temporary(String program) {
        Path folder = root.resolve("tmp").resolve(program);
        try {
            if (Files.exists(folder)) {
                delete(folder);
            }
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StackException("cannot create " + folder + ": " + e, e);
        }
    }

    /** File that lists the running children. */
    Path children() {
        return root.resolve("children");
    }

    @Override
    public void close() {
        try {
            marker.close();
        } catch (IOException e) {
            throw new StackException("cannot release " + root + ": " + e, e);
        }
    }

    private static List<Path> contents(Path folder) {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.toList();
        } catch (IOException e) {
            throw new StackException("cannot read " + folder + ": " + e, e);
        }
    }

    private static void delete(Path path) {
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (IOException e) {
            throw new StackException("cannot delete " + path + ": " + e, e);
        }
    }
}
