package io.residua.indexer.generate;

import io.residua.common.cli.RowProgress;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.inference.RowEncoding;
import io.residua.common.npy.NpyFiles;
import java.io.IOException;
import java.io.PrintWriter;

/**
 * All rows encoded: their nearest codes and latents.
 *
 * @param rows how many there are
 * @param codes row-major [rows × levels]
 * @param latents row-major [rows × eDim]
 */
record EncodedRows(int rows, int[] codes, float[] latents) {
    /**
     * Encodes all rows.
     *
     * @param err where progress goes
     * @throws IOException naming the first row that cannot be encoded, or if they are too many for one index
     */
    static EncodedRows of(NpyFiles files, OnnxEncoder encoder, PrintWriter err) throws IOException {
        int levels = encoder.shape().levels();
        int eDim = encoder.shape().eDim();
        if (files.rows() * Math.max(levels, eDim) > Integer.MAX_VALUE) {
            throw new IOException(files.rows() + " rows are too many for one index, expected at most "
                    + Integer.MAX_VALUE / Math.max(levels, eDim));
        }
        int rows = (int) files.rows();
        int[] codes = new int[rows * levels];
        float[] latents = new float[rows * eDim];
        try (RowProgress progress = new RowProgress(err, "encoding", rows)) {
            RowEncoding.encode(files, encoder, batch -> {
                int first = (int) batch.first();
                System.arraycopy(batch.codes(), 0, codes, first * levels, batch.rows() * levels);
                System.arraycopy(batch.latents(), 0, latents, first * eDim, batch.rows() * eDim);
                progress.done(batch.first() + batch.rows());
            });
        }
        return new EncodedRows(rows, codes, latents);
    }
}
