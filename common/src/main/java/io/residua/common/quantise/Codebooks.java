package io.residua.common.quantise;

import static java.util.Objects.requireNonNull;

import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The codebooks of a residual quantiser: per level a table of entries of {@code eDim} floats each. Level l quantises what
 * the levels before it left over of a latent, the residual. Immutable.
 */
public final class Codebooks {
    private final int eDim;
    private final float[][] levels;

    private Codebooks(int eDim, float[][] levels) {
        this.eDim = eDim;
        this.levels = levels;
    }

    /**
     * Codebooks from their entries.
     *
     * @param levels per level, coarsest first, its entries one after another, [size × eDim]; copied
     * @throws IllegalArgumentException if a level is empty or no whole number of entries
     */
    public static Codebooks of(int eDim, float[][] levels) {
        if (eDim < 1 || levels.length == 0) {
            throw new IllegalArgumentException(
                    "codebooks need eDim and levels of at least 1, got " + eDim + " and " + levels.length);
        }
        float[][] copies = new float[levels.length][];
        for (int level = 0; level < levels.length; level++) {
            requireNonNull(levels[level], "a level is null");
            if (levels[level].length == 0 || levels[level].length % eDim != 0) {
                throw new IllegalArgumentException("codebook " + level + " has " + levels[level].length
                        + " floats, expected a multiple of " + eDim);
            }
            copies[level] = levels[level].clone();
        }
        return new Codebooks(eDim, copies);
    }

    /**
     * The codebooks in a checkpoint, under the reference's names {@code rq.vq_layers.<level>.embedding.weight}.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it holds no codebooks or differing entry widths
     */
    public static Codebooks load(Path checkpoint) throws IOException {
        Safetensors file = Safetensors.read(checkpoint);
        List<float[]> levels = new ArrayList<>();
        int eDim = 0;
        while (file.names().contains(name(levels.size()))) {
            String name = name(levels.size());
            Tensor tensor = file.tensor(name);
            long[] shape = tensor.shape();
            if (shape.length != 2 || (!levels.isEmpty() && shape[1] != eDim)) {
                throw new IllegalArgumentException(
                        name + " has shape " + Arrays.toString(shape) + ", expected [size, eDim] with one eDim");
            }
            eDim = (int) shape[1];
            levels.add(tensor.floats());
        }
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("no codebook " + name(0) + " in " + checkpoint.getFileName());
        }
        return new Codebooks(eDim, levels.toArray(float[][]::new));
    }

    /** The parameter name of a level's codebook. */
    public static String name(int level) {
        return "rq.vq_layers." + level + ".embedding.weight";
    }

    /** Number of levels. */
    public int levels() {
        return levels.length;
    }

    /** Number of entries of a level. */
    public int size(int level) {
        return levels[level].length / eDim;
    }

    /** Floats per entry. */
    public int eDim() {
        return eDim;
    }

    /**
     * What the first {@code count} levels leave over of a latent: z minus their entries, subtracted level by level in
     * float32, as training and ONNX do it.
     *
     * @param z holds the latent, [eDim] from {@code zOffset}
     * @param codes entries, one per level
     * @param out receives the residual, [eDim] from 0
     */
    public void residual(float[] z, int zOffset, int[] codes, int count, float[] out) {
        System.arraycopy(z, zOffset, out, 0, eDim);
        for (int level = 0; level < count; level++) {
            float[] entries = levels[level];
            int entry = codes[level] * eDim;
            for (int d = 0; d < eDim; d++) {
                out[d] -= entries[entry + d];
            }
        }
    }

    /**
     * Squared Euclidean distances from a residual to every entry of a level, as sums of squared differences in float64.
     *
     * @param r holds the residual, [eDim] from {@code rOffset}
     * @param out receives size(level) distances from {@code outOffset}
     */
    public void squaredDistances(float[] r, int rOffset, int level, double[] out, int outOffset) {
        float[] entries = levels[level];
        int size = size(level);
        for (int k = 0; k < size; k++) {
            double sum = 0;
            for (int d = 0; d < eDim; d++) {
                double difference = (double) r[rOffset + d] - entries[k * eDim + d];
                sum += difference * difference;
            }
            out[outOffset + k] = sum;
        }
    }

    /** Squared Euclidean distance between a latent, [eDim], and the sum of the entries of a full code. */
    public double error(float[] z, int[] codes) {
        double sum = 0;
        for (int d = 0; d < eDim; d++) {
            double difference = z[d];
            for (int level = 0; level < levels.length; level++) {
                difference -= levels[level][codes[level] * eDim + d];
            }
            sum += difference * difference;
        }
        return sum;
    }

    /** The code of a latent, [eDim]: level by level the entry nearest to the residual, the lowest index on ties. */
    public int[] nearest(float[] z) {
        int[] codes = new int[levels.length];
        float[] residual = new float[eDim];
        for (int level = 0; level < levels.length; level++) {
            residual(z, 0, codes, level, residual);
            double[] distances = new double[size(level)];
            squaredDistances(residual, 0, level, distances, 0);
            for (int k = 1; k < distances.length; k++) {
                if (distances[k] < distances[codes[level]]) {
                    codes[level] = k;
                }
            }
        }
        return codes;
    }
}
