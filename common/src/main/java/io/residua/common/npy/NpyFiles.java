package io.residua.common.npy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The rows of one or several {@code .npy} files as one matrix. Several threads may read at once. */
public final class NpyFiles implements AutoCloseable {
    private final List<NpyFile> files = new ArrayList<>();
    private final List<String> names;
    private final long[] ends;

    /**
     * Opens the files.
     *
     * @param paths at least one
     * @throws IOException naming the file that cannot be read
     * @throws IllegalArgumentException if they have rows of different lengths
     */
    public NpyFiles(List<Path> paths) throws IOException {
        names = paths.stream()
                .map(path -> path.toAbsolutePath().normalize().toString())
                .toList();
        ends = new long[paths.size()];
        long rows = 0;
        for (Path path : paths) {
            NpyFile file = NpyFile.open(path);
            files.add(file);
            rows += file.rows();
            ends[files.size() - 1] = rows;
            if (file.dim() != dim()) {
                throw new IllegalArgumentException(path + " has rows of " + file.dim() + " elements, expected " + dim()
                        + " as in " + paths.get(0));
            }
        }
    }

    /** The files' absolute names. */
    public List<String> names() {
        return names;
    }

    /** Number of rows, of all files together. */
    public long rows() {
        return ends[ends.length - 1];
    }

    /** Elements per row. */
    public int dim() {
        return files.get(0).dim();
    }

    /** Reads a row, see {@link NpyFile#readRow}. */
    public void readRow(long row, float[] target, int offset) {
        int file = fileOf(row);
        files.get(file).readRow(row - firstRow(file), target, offset);
    }

    /** Reads consecutive rows, which may lie in several files, see {@link NpyFile#readRows}. */
    public void readRows(long first, int count, float[] target, int offset) {
        Objects.checkFromIndexSize(first, count, rows());
        long row = first;
        int read = 0;
        while (read < count) {
            int file = fileOf(row);
            int some = (int) Math.min(count - read, ends[file] - row);
            files.get(file).readRows(row - firstRow(file), some, target, offset + read * dim());
            row += some;
            read += some;
        }
    }

    /** Where a row is, for messages: its number in its file, and the file. */
    public String describe(long row) {
        int file = fileOf(row);
        return "row " + (row - firstRow(file)) + " of " + names.get(file);
    }

    private int fileOf(long row) {
        int file = 0;
        while (row >= ends[file]) {
            file++;
        }
        return file;
    }

    private long firstRow(int file) {
        return file == 0 ? 0 : ends[file - 1];
    }

    @Override
    public void close() {
        files.forEach(NpyFile::close);
    }
}
