package io.residua.common.quantise;

import io.residua.common.network.Checkpoint;
import io.residua.common.network.NetworkConfig;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;

/**
 * The codebooks of a model: L levels, level l with K<sub>l</sub> entries of {@code eDim} floats. Residual quantisation
 * takes at each level the entry nearest to what the levels before left over. Immutable, safe for any thread; nothing is
 * allocated but where a method returns an array.
 */
public final class Codebooks {
    private final int eDim;
    /** Per level its entries, one behind the other. */
    private final float[][] entries;
    /** The same as [level][element][entry], so that the distances to all entries are computed side by side. */
    private final double[][][] columns;

    private Codebooks(int eDim, float[][] entries) {
        this.eDim = eDim;
        this.entries = entries;
        this.columns = new double[entries.length][eDim][];
        for (int level = 0; level < entries.length; level++) {
            for (int d = 0; d < eDim; d++) {
                columns[level][d] = column(entries[level], d, eDim);
            }
        }
    }

    private static double[] column(float[] codebook, int element, int eDim) {
        double[] column = new double[codebook.length / eDim];
        for (int code = 0; code < column.length; code++) {
            column[code] = codebook[code * eDim + element];
        }
        return column;
    }

    /**
     * Codebooks from their entries.
     *
     * @param eDim floats per entry
     * @param levels per level, coarsest first, its entries one behind the other, [size × eDim]; copied
     * @throws IllegalArgumentException if there is no level, a level is not a whole number of entries, or an element is
     *     not finite
     */
    public static Codebooks of(int eDim, float[][] levels) {
        if (eDim < 1 || levels.length == 0) {
            throw new IllegalArgumentException(
                    "eDim is " + eDim + " with " + levels.length + " levels, expected at least 1 of both");
        }
        float[][] entries = new float[levels.length][];
        for (int level = 0; level < levels.length; level++) {
            requireEntries(levels[level], level, eDim);
            entries[level] = levels[level].clone();
        }
        return new Codebooks(eDim, entries);
    }

    /**
     * Reads the codebooks of a checkpoint, {@code rq.vq_layers.<l>.embedding.weight} for l = 0, 1, …; its other tensors
     * do not matter.
     *
     * @param checkpoint a safetensors file
     * @throws IOException naming the file and what is wrong with it
     */
    public static Codebooks load(Path checkpoint) throws IOException {
        Safetensors file = Safetensors.read(checkpoint);
        int levels = 0;
        while (file.names().contains(NetworkConfig.codebook(levels))) {
            levels++;
        }
        if (levels == 0) {
            throw new IOException(
                    checkpoint + " has no codebooks: there is no tensor '" + NetworkConfig.codebook(0) + "'");
        }
        try {
            float[][] entries = new float[levels][];
            long eDim = eDim(file.tensor(NetworkConfig.codebook(0)), 0);
            for (int level = 0; level < levels; level++) {
                Tensor tensor = file.tensor(NetworkConfig.codebook(level));
                if (eDim(tensor, level) != eDim) {
                    throw new IllegalArgumentException("codebook of level " + level + " has entries of "
                            + eDim(tensor, level) + " floats, expected " + eDim + " as at level 0");
                }
                entries[level] = tensor.floats();
            }
            return of(Math.toIntExact(eDim), entries);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(checkpoint + " has unusable codebooks: " + e.getMessage(), e);
        }
    }

    /**
     * The codebooks of a checkpoint.
     *
     * @throws IllegalArgumentException if an element is not finite
     */
    public static Codebooks of(Checkpoint checkpoint) {
        float[][] levels = new float[checkpoint.network().levels()][];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = checkpoint.codebook(level);
        }
        return of(checkpoint.network().shape().eDim(), levels);
    }

    /** Number of codebooks. */
    public int levels() {
        return entries.length;
    }

    /** Floats per latent and per entry. */
    public int eDim() {
        return eDim;
    }

    /** A level's entries, one behind the other, [size × eDim]; a copy. */
    public float[] entries(int level) {
        return entries[level].clone();
    }

    /** Entries of a level's codebook. */
    public int size(int level) {
        return entries[level].length / eDim;
    }

    /**
     * Squared Euclidean distances from a residual to every entry of a level, Σ(r−c)² in float64. O(K·eDim).
     *
     * @param r holds the residual, {@code eDim} floats from {@code rOffset} on
     * @param out receives {@link #size} distances from {@code outOffset} on, in index order
     */
    public void squaredDistances(float[] r, int rOffset, int level, double[] out, int outOffset) {
        int size = size(level);
        Arrays.fill(out, outOffset, outOffset + size, 0);
        int d = 0;
        for (; d + 4 <= eDim; d += 4) {
            addFourSquares(r, rOffset + d, columns[level], d, out, outOffset);
        }
        for (; d < eDim; d++) {
            addSquares(r[rOffset + d], columns[level][d], out, outOffset);
        }
    }

    /**
     * Four elements in one pass over the sums, added in the order of the elements. A loop of its own, which the compiler
     * vectorises.
     */
    private static void addFourSquares(float[] r, int rOffset, double[][] columns, int d, double[] sums, int offset) {
        double r0 = r[rOffset];
        double r1 = r[rOffset + 1];
        double r2 = r[rOffset + 2];
        double r3 = r[rOffset + 3];
        double[] c0 = columns[d];
        double[] c1 = columns[d + 1];
        double[] c2 = columns[d + 2];
        double[] c3 = columns[d + 3];
        for (int code = 0; code < c0.length; code++) {
            double d0 = r0 - c0[code];
            double d1 = r1 - c1[code];
            double d2 = r2 - c2[code];
            double d3 = r3 - c3[code];
            sums[offset + code] = sums[offset + code] + d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3;
        }
    }

    private static void addSquares(double element, double[] column, double[] sums, int offset) {
        for (int code = 0; code < column.length; code++) {
            double difference = element - column[code];
            sums[offset + code] += difference * difference;
        }
    }

    /** One of the {@link #squaredDistances}. */
    public double squaredDistance(float[] r, int rOffset, int level, int code) {
        float[] codebook = entries[level];
        int entry = code * eDim;
        double sum = 0;
        for (int d = 0; d < eDim; d++) {
            double difference = (double) r[rOffset + d] - codebook[entry + d];
            sum += difference * difference;
        }
        return sum;
    }

    /**
     * What the first levels leave over of a latent: their entries are subtracted one level after the other in float32,
     * as the ONNX encoder does it.
     *
     * @param z holds the latent, {@code eDim} floats from {@code zOffset} on
     * @param codes the code; entries beyond the first {@code count} do not matter
     * @param count how many levels to subtract, 0 to {@link #levels}
     * @param out receives {@code eDim} floats from index 0 on
     */
    public void residual(float[] z, int zOffset, int[] codes, int count, float[] out) {
        System.arraycopy(z, zOffset, out, 0, eDim);
        for (int level = 0; level < count; level++) {
            subtract(level, codes[level], out);
        }
    }

    /**
     * The code of a latent: at each level the nearest entry, the lowest index on ties. Plain and slow; the data path has
     * the ONNX encoder for it.
     *
     * @param z the latent, {@code eDim} floats
     */
    public int[] nearest(float[] z) {
        int[] codes = new int[levels()];
        float[] residual = Arrays.copyOf(z, eDim);
        for (int level = 0; level < codes.length; level++) {
            codes[level] = nearestEntry(residual, level);
            subtract(level, codes[level], residual);
        }
        return codes;
    }

    /**
     * The sum of a code's entries, which the decoder takes: added one level after the other in float32.
     *
     * @param codes holds the code, one entry per level from {@code codesOffset} on
     * @param out receives {@code eDim} floats from index 0 on
     */
    public void sum(int[] codes, int codesOffset, float[] out) {
        Arrays.fill(out, 0, eDim, 0);
        for (int level = 0; level < entries.length; level++) {
            int entry = Objects.checkIndex(codes[codesOffset + level], size(level)) * eDim;
            for (int d = 0; d < eDim; d++) {
                out[d] += entries[level][entry + d];
            }
        }
    }

    /**
     * The quantisation error of a code: squared Euclidean distance between a latent and the sum of the code's entries, in
     * float64.
     *
     * @param z the latent, {@code eDim} floats
     * @param codes one entry per level
     */
    public double error(float[] z, int[] codes) {
        return error(z, 0, codes, 0);
    }

    /** The same of a latent from {@code zOffset} on and a code from {@code codesOffset} on. */
    public double error(float[] z, int zOffset, int[] codes, int codesOffset) {
        double sum = 0;
        for (int d = 0; d < eDim; d++) {
            double difference = z[zOffset + d];
            for (int level = 0; level < entries.length; level++) {
                difference -= entries[level][codes[codesOffset + level] * eDim + d];
            }
            sum += difference * difference;
        }
        return sum;
    }

    private int nearestEntry(float[] residual, int level) {
        int nearest = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int code = 0; code < size(level); code++) {
            double distance = squaredDistance(residual, 0, level, code);
            if (distance < least) {
                least = distance;
                nearest = code;
            }
        }
        return nearest;
    }

    private void subtract(int level, int code, float[] residual) {
        int entry = Objects.checkIndex(code, size(level)) * eDim;
        for (int d = 0; d < eDim; d++) {
            residual[d] -= entries[level][entry + d];
        }
    }

    private static long eDim(Tensor tensor, int level) {
        if (tensor.shape().length != 2) {
            throw new IllegalArgumentException(
                    "codebook of level " + level + " is " + tensor + ", expected two dimensions");
        }
        return tensor.shape()[1];
    }

    private static void requireEntries(float[] codebook, int level, int eDim) {
        if (codebook.length == 0 || codebook.length % eDim != 0) {
            throw new IllegalArgumentException("codebook of level " + level + " has " + codebook.length
                    + " floats, expected a multiple of eDim " + eDim);
        }
        for (int i = 0; i < codebook.length; i++) {
            if (!Float.isFinite(codebook[i])) {
                throw new IllegalArgumentException("codebook of level " + level + " has " + codebook[i] + " in entry "
                        + i / eDim + ", expected finite numbers");
            }
        }
    }
}
