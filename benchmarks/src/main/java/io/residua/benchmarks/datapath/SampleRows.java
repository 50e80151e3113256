package io.residua.benchmarks.datapath;

import io.residua.common.npy.NpyFile;
import java.io.IOException;
import java.nio.file.Path;

/** A sample's embeddings, as raw material for items of any dimension. */
final class SampleRows {
    private final float[] rows;
    private final int width;
    private final int dim;

    /**
     * Rows of {@code dim} floats.
     *
     * @param rows the sample, row-major, each row {@code width} floats
     * @param dim if it is not {@code width}, a row is followed by the rows after it until it is that long
     */
    SampleRows(float[] rows, int width, int dim) {
        this.rows = rows;
        this.width = width;
        this.dim = dim;
    }

    /** Reads a sample whose rows are as long as the file says if {@code dim} is 0. */
    static SampleRows read(Path file, int dim) throws IOException {
        try (NpyFile npy = NpyFile.open(file)) {
            float[] rows = new float[Math.toIntExact(npy.rows() * npy.dim())];
            npy.readRows(0, Math.toIntExact(npy.rows()), rows, 0);
            return new SampleRows(rows, npy.dim(), dim == 0 ? npy.dim() : dim);
        }
    }

    int count() {
        return rows.length / width;
    }

    /** Floats per embedding. */
    int dim() {
        return dim;
    }

    /** Adds {@code factor} times a row to {@code sum}. */
    void addTo(float[] sum, int row, float factor) {
        for (int d = 0; d < dim; d++) {
            sum[d] += factor * rows[(row * width + d) % rows.length];
        }
    }
}
