package io.residua.trainer.run;

import io.residua.common.npy.NpyFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The rows of one or several {@code .npy} files as one matrix, mapped into memory. */
public final class RowFiles implements Rows, AutoCloseable {
    private final List<NpyFile> files = new ArrayList<>();
    private final List<String> names;
    private final long[] ends;

    /**
     * Opens the files.
     *
     * @throws IOException naming the file that cannot be read
     * @throws IllegalArgumentException if they have rows of different lengths
     */
    public RowFiles(List<Path> paths) throws IOException {
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

    @Override
    public List<String> files() {
        return names;
    }

    @Override
    public long rows() {
        return ends[ends.length - 1];
    }

    @Override
    public int dim() {
        return files.get(0).dim();
    }

    @Override
    public void readRow(long row, float[] target, int offset) {
        int file = 0;
        while (row >= ends[file]) {
            file++;
        }
        files.get(file).readRow(file == 0 ? row : row - ends[file - 1], target, offset);
    }

    @Override
    public void close() {
        files.forEach(NpyFile::close);
    }
}
