package io.residua.common.inference;

import io.residua.common.npy.NpyFiles;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.List;

/** Encodes all rows of {@code .npy} files, batch by batch, without Sinkhorn: each level takes its nearest entry. */
public final class RowEncoding {
    private RowEncoding() {}

    /**
     * A batch of encoded rows. Arrays are valid until the next batch; those of the last may be longer than it.
     *
     * @param first how many rows were encoded before; the number of its first row, if none has been left out
     * @param rows how many rows it has
     * @param embeddings [rows × dim]
     * @param codes [rows × levels]
     * @param latents [rows × eDim]
     */
    public record Batch(long first, int rows, float[] embeddings, int[] codes, float[] latents) {}

    /** Receives the batches in the order of the rows. */
    @FunctionalInterface
    public interface Consumer {
        /** Takes a batch. */
        void accept(Batch batch);
    }

    /**
     * Rows per batch: {@code --batch_size}, or the number of rows if there are fewer.
     *
     * @throws IllegalArgumentException if the batch size is none
     * @throws IOException naming the files, if there are no rows
     */
    public static int batchRows(int batchSize, NpyFiles rows) throws IOException {
        if (batchSize < 1) {
            throw new IllegalArgumentException("--batch_size is " + batchSize + ", expected at least 1");
        }
        if (rows.rows() == 0) {
            List<String> names = rows.names();
            throw new IOException(String.join(", ", names) + (names.size() == 1 ? " has" : " have") + " no rows");
        }
        return (int) Math.min(batchSize, rows.rows());
    }

    /**
     * Encodes all rows in batches of the encoder's maximum.
     *
     * @throws IOException naming the first row that holds NaN or infinity, or whose latent does
     */
    public static void encode(NpyFiles rows, OnnxEncoder encoder, Consumer consumer) throws IOException {
        encode(rows, encoder, false, consumer);
    }

    /**
     * The same, but skips rows that hold NaN or infinity, as training does.
     *
     * @return number of rows skipped
     * @throws IOException naming the first row of finite numbers whose latent holds NaN or infinity
     */
    public static long encodeFinite(NpyFiles rows, OnnxEncoder encoder, Consumer consumer) throws IOException {
        return encode(rows, encoder, true, consumer);
    }

    private static long encode(NpyFiles rows, OnnxEncoder encoder, boolean leaveOut, Consumer consumer)
            throws IOException {
        int size = encoder.maxRows();
        int dim = rows.dim();
        float[] embeddings = new float[size * dim];
        int[] codes = new int[size * encoder.shape().levels()];
        float[] latents = new float[size * encoder.shape().eDim()];
        long[] numbers = new long[size];
        long encoded = 0;
        for (long first = 0; first < rows.rows(); first += size) {
            int read = (int) Math.min(size, rows.rows() - first);
            rows.readRows(first, read, embeddings, 0);
            if (!leaveOut) {
                requireFinite(rows, first, read, embeddings);
            }
            int count = keepFinite(embeddings, dim, read, numbers, first);
            if (count == 0) {
                continue;
            }
            encoder.input().put(embeddings, 0, count * dim);
            encoder.run(count);
            LongBuffer nearest = encoder.codes();
            for (int i = 0; i < count * encoder.shape().levels(); i++) {
                codes[i] = (int) nearest.get();
            }
            encoder.latents().get(latents, 0, count * encoder.shape().eDim());
            int unusable = firstNotFinite(latents, 0, count * encoder.shape().eDim());
            if (unusable >= 0) {
                throw new IOException(
                        rows.describe(numbers[unusable / encoder.shape().eDim()])
                                + " is too large for the model: its latent is not finite");
            }
            consumer.accept(new Batch(encoded, count, embeddings, codes, latents));
            encoded += count;
        }
        return rows.rows() - encoded;
    }

    private static void requireFinite(NpyFiles rows, long first, int count, float[] embeddings) throws IOException {
        int element = firstNotFinite(embeddings, 0, count * rows.dim());
        if (element >= 0) {
            throw new IOException(rows.describe(first + element / rows.dim()) + " holds " + embeddings[element]
                    + ", expected finite numbers");
        }
    }

    /**
     * Moves the rows of finite numbers together.
     *
     * @param numbers receives their row numbers
     * @param first the number of the first row
     * @return how many they are
     */
    private static int keepFinite(float[] embeddings, int dim, int read, long[] numbers, long first) {
        int count = 0;
        for (int i = 0; i < read; i++) {
            if (firstNotFinite(embeddings, i * dim, dim) < 0) {
                System.arraycopy(embeddings, i * dim, embeddings, count * dim, dim);
                numbers[count++] = first + i;
            }
        }
        return count;
    }

    /** The index of the first element that is NaN or infinite, or −1. */
    private static int firstNotFinite(float[] elements, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (!Float.isFinite(elements[i])) {
                return i;
            }
        }
        return -1;
    }
}
