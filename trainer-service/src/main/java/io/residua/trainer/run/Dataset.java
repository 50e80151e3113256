package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * The rows that can be trained on: those of a matrix that hold neither NaN nor infinity, and what is known of them. For
 * one thread at a time.
 */
public final class Dataset {
    private final Rows source;
    private final int[] valid;
    private final Statistics statistics;
    private final float[] row;
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);

    private Dataset(Rows source, int[] valid, Statistics statistics) {
        this.source = source;
        this.valid = valid;
        this.statistics = statistics;
        this.row = new float[source.dim()];
    }

    /**
     * What one look at every row found.
     *
     * @param mean per dimension
     * @param spread root of the mean square of the centred elements, over all dimensions together
     * @param meanSquare of the elements as they are
     * @param dropped rows with NaN or infinity
     * @param fingerprint checksum of all rows in their order
     */
    public record Statistics(float[] mean, double spread, double meanSquare, long dropped, long fingerprint) {}

    /**
     * Looks at every row once.
     *
     * @throws IllegalArgumentException if no row can be used, or there are more than 2³¹ − 1
     */
    public static Dataset scan(Rows source) {
        int rows = Math.toIntExact(source.rows());
        RowScan scan = new RowScan(source.dim());
        int[] valid = null;
        int kept = 0;
        float[] row = new float[source.dim()];
        for (int i = 0; i < rows; i++) {
            source.readRow(i, row, 0);
            if (scan.accept(row)) {
                if (valid != null) {
                    valid[kept] = i;
                }
                kept++;
            } else if (valid == null) {
                valid = new int[rows];
                for (int j = 0; j < i; j++) {
                    valid[j] = j;
                }
            }
        }
        if (kept == 0) {
            throw new IllegalArgumentException(
                    "no row can be trained on: there are " + rows + ", all with NaN or infinite elements");
        }
        return new Dataset(
                source, valid == null ? null : java.util.Arrays.copyOf(valid, kept), scan.statistics(rows - kept));
    }

    /** Rows that can be trained on. */
    public int rows() {
        return valid == null ? Math.toIntExact(source.rows()) : valid.length;
    }

    /** Floats per row. */
    public int dim() {
        return source.dim();
    }

    /** The files they come from; empty if none. */
    public List<String> files() {
        return source.files();
    }

    /** What is known of the rows. */
    public Statistics statistics() {
        return statistics;
    }

    /**
     * Rows {@code order[from]} to {@code order[to − 1]}. On the CPU the array is a view of memory that the next call
     * overwrites: whoever needs it longer takes a copy.
     *
     * @param order row numbers, or {@code null} for rows {@code from} to {@code to − 1} themselves
     * @return [to − from, dim], in {@code manager}
     */
    public NDArray batch(NDManager manager, int[] order, int from, int to) {
        int dim = dim();
        int size = Math.multiplyExact((to - from) * Float.BYTES, dim);
        if (staging.capacity() < size) {
            staging = ByteBuffer.allocateDirect(size);
        }
        ByteBuffer bytes = staging.slice(0, size).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < to; i++) {
            int index = order == null ? i : order[i];
            source.readRow(valid == null ? index : valid[index], row, 0);
            bytes.slice((i - from) * dim * Float.BYTES, dim * Float.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .put(row);
        }
        return manager.create(bytes, new Shape(to - from, dim), DataType.FLOAT32);
    }

    /** At most {@code count} different rows, drawn at random, ascending. */
    public int[] sample(int count, SplittableRandom random) {
        int rows = rows();
        int[] sample = new int[Math.min(count, rows)];
        int taken = 0;
        // Knuth's selection sampling: every row is taken with the probability that still makes up the number.
        for (int row = 0; taken < sample.length; row++) {
            if (random.nextInt(rows - row) < sample.length - taken) {
                sample[taken++] = row;
            }
        }
        return sample;
    }

    private static final class RowScan {
        private final double[] sum;
        private final ByteBuffer bytes;
        private final CRC32C checksum = new CRC32C();
        private double squares;
        private long count;

        RowScan(int dim) {
            sum = new double[dim];
            bytes = ByteBuffer.allocate(dim * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        }

        boolean accept(float[] row) {
            double rowSquares = 0;
            for (float element : row) {
                rowSquares += (double) element * element;
            }
            // A sum of squares of finite floats cannot overflow a double.
            if (!Double.isFinite(rowSquares)) {
                return false;
            }
            for (int i = 0; i < row.length; i++) {
                sum[i] += row[i];
            }
            bytes.clear().asFloatBuffer().put(row);
            checksum.update(bytes);
            squares += rowSquares;
            count++;
            return true;
        }

        Statistics statistics(long dropped) {
            float[] mean = new float[sum.length];
            double squaredMean = 0;
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) (sum[i] / count);
                squaredMean += (sum[i] / count) * (sum[i] / count);
            }
            double elements = (double) count * mean.length;
            double variance = Math.max(0, squares / elements - squaredMean / mean.length);
            return new Statistics(mean, Math.sqrt(variance), squares / elements, dropped, checksum.getValue());
        }
    }
}
