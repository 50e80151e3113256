package io.residua.trainer.run;

import io.residua.common.npy.NpyFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The rows of one or several {@code .npy} files as one matrix, mapped into memory. */
public final class RowFiles implements Rows, AutoCloseable {
    private final NpyFiles files;

    /**
     * Opens the files.
     *
     * @throws IOException naming the file that cannot be read
     * @throws IllegalArgumentException if they have rows of different lengths
     */
    public RowFiles(List<Path> paths) throws IOException {
        files = new NpyFiles(paths);
    }

    @Override
    public List<String> files() {
        return files.names();
    }

    @Override
    public long rows() {
        return files.rows();
    }

    @Override
    public int dim() {
        return files.dim();
    }

    @Override
    public void readRow(long row, float[] target, int offset) {
        files.readRow(row, target, offset);
    }

    @Override
    public void close() {
        files.close();
    }
}
