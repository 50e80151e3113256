package io.residua.common.inference;

import io.residua.common.npy.NpyFiles;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** Encodes all rows of {@code .npy} files, batch by batch, without Sinkhorn: each level takes its nearest entry. */
public final class RowEncoding {
    private RowEncoding() {}

    /**
     * A batch of encoded rows. Arrays are valid until the next batch; those of the last may be longer than it.
     *
     * @param first the number of its first row
     * @param rows how many rows it has
     * @param embeddings [rows × dim]
     * @param codes [rows × levels]
     * @param latents [rows × eDim]
     */
    public record Batch(long first, int rows, float[] embeddings, int[] codes, float[] latents) {}

    /** Gets the batches, in the rows' order. */
    @FunctionalInterface
    public interface Consumer {
        /** Takes a batch. */
        void accept(Batch batch);
    }

    /**
     * How many rows an encoder needs to take at a time: {@code --batch_size}, or all if there are fewer.
     *
     * @throws IllegalArgumentException if the batch size is none
     */
    public static int batchRows(int batchSize, NpyFiles rows) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("--batch_size is " + batchSize + ", expected at least 1");
        }
        return (int) Math.max(1, Math.min(batchSize, rows.rows()));
    }

    /**
     * Encodes all rows, as many at a time as the encoder takes.
     *
     * @throws IOException naming the first row that holds NaN or infinity
     */
    public static void encode(NpyFiles rows, OnnxEncoder encoder, Consumer consumer) throws IOException {
        int size = encoder.maxRows();
        float[] embeddings = new float[size * rows.dim()];
        int[] codes = new int[size * encoder.shape().levels()];
        float[] latents = new float[size * encoder.shape().eDim()];
        for (long first = 0; first < rows.rows(); first += size) {
            int count = (int) Math.min(size, rows.rows() - first);
            rows.readRows(first, count, embeddings, 0);
            requireFinite(rows, first, count, embeddings);
            encoder.input().put(embeddings, 0, count * rows.dim());
            encoder.run(count);
            LongBuffer nearest = encoder.codes();
            for (int i = 0; i < count * encoder.shape().levels(); i++) {
                codes[i] = (int) nearest.get();
            }
            FloatBuffer z = encoder.latents();
            z.get(latents, 0, count * encoder.shape().eDim());
            consumer.accept(new Batch(first, count, embeddings, codes, latents));
        }
    }

    private static void requireFinite(NpyFiles rows, long first, int count, float[] embeddings) throws IOException {
        for (int i = 0; i < count * rows.dim(); i++) {
            if (!Float.isFinite(embeddings[i])) {
                throw new IOException(rows.describe(first + i / rows.dim()) + " holds " + embeddings[i]
                        + ", expected finite numbers");
            }
        }
    }
}
