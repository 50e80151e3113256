package io.residua.common.resolve;

import java.util.Arrays;

/**
 * The balanced Sinkhorn iteration that earlier indexes of RQ-VAE codes were made with: {@code Q ∝ exp(−d / ε)}, rows
 * scaled to 1/B and then columns to 1/K, a fixed number of times, so that the columns end exact. Computed in the log
 * domain, in float64, which gives the same matrix where {@code exp(−d / ε)} is finite and a finite one where it is
 * not.
 */
public final class ReferenceSinkhorn {
    private static final float AMPLITUDE_FLOOR = 1e-5f;

    private ReferenceSinkhorn() {}

    /**
     * Maps distances to about [−1, 1] in float32: less the middle of their range, over half of it.
     *
     * @param distances at least one, of one whole batch
     */
    public static float[] centre(float[] distances) {
        float max = Float.NEGATIVE_INFINITY;
        float min = Float.POSITIVE_INFINITY;
        for (float distance : distances) {
            max = Math.max(max, distance);
            min = Math.min(min, distance);
        }
        float middle = (max + min) / 2;
        float amplitude = max - middle + AMPLITUDE_FLOOR;
        float[] centred = new float[distances.length];
        for (int k = 0; k < distances.length; k++) {
            centred[k] = (distances[k] - middle) / amplitude;
        }
        return centred;
    }

    /**
     * The transport matrix, times B: columns sum to B/K, rows approach 1. O(B · K) per iteration.
     *
     * @param centred row-major [batch × entries], see {@link #centre}
     * @param batch rows B, at least 1
     * @param entries columns K, at least 1
     * @param epsilon temperature, positive
     * @param iterations at least 1
     * @return row-major [batch × entries]
     */
    public static double[] transport(float[] centred, int batch, int entries, double epsilon, int iterations) {
        if (batch < 1 || entries < 1 || centred.length != (long) batch * entries) {
            throw new IllegalArgumentException(
                    "distances has " + centred.length + " values, expected " + batch + " x " + entries);
        }
        if (!(epsilon > 0) || iterations < 1) {
            throw new IllegalArgumentException("epsilon is " + epsilon + " and iterations is " + iterations
                    + ", expected epsilon > 0 and iterations >= 1");
        }
        double[] log = new double[centred.length];
        for (int k = 0; k < log.length; k++) {
            log[k] = -(double) centred[k] / epsilon;
        }
        double[] max = new double[entries];
        double[] sum = new double[entries];
        for (int iteration = 0; iteration < iterations; iteration++) {
            normaliseRows(log, batch, entries);
            measureColumns(log, batch, entries, max, sum);
            if (iteration < iterations - 1) {
                normaliseColumns(log, batch, max, sum);
            }
        }
        return columnShares(log, batch, max, sum);
    }

    /** Rows of exp(log) sum to 1; constant factors do not matter before the last step. */
    private static void normaliseRows(double[] log, int batch, int entries) {
        for (int i = 0; i < batch; i++) {
            int from = i * entries;
            double max = Double.NEGATIVE_INFINITY;
            for (int k = from; k < from + entries; k++) {
                max = Math.max(max, log[k]);
            }
            double sum = 0;
            for (int k = from; k < from + entries; k++) {
                sum += Math.exp(log[k] - max);
            }
            double norm = max + Math.log(sum);
            for (int k = from; k < from + entries; k++) {
                log[k] -= norm;
            }
        }
    }

    private static void measureColumns(double[] log, int batch, int entries, double[] max, double[] sum) {
        Arrays.fill(max, Double.NEGATIVE_INFINITY);
        Arrays.fill(sum, 0);
        for (int i = 0; i < batch; i++) {
            for (int j = 0; j < entries; j++) {
                max[j] = Math.max(max[j], log[i * entries + j]);
            }
        }
        for (int i = 0; i < batch; i++) {
            for (int j = 0; j < entries; j++) {
                sum[j] += Math.exp(log[i * entries + j] - max[j]);
            }
        }
    }

    private static void normaliseColumns(double[] log, int batch, double[] max, double[] sum) {
        int entries = max.length;
        for (int j = 0; j < entries; j++) {
            double norm = max[j] + Math.log(sum[j]);
            for (int i = 0; i < batch; i++) {
                log[i * entries + j] -= norm;
            }
        }
    }

    /**
     * The last column step, by division, not in the log domain: a column whose rows are equal then holds exactly equal
     * values, as it does when computed by plain exponentials, and ties between columns stay ties.
     */
    private static double[] columnShares(double[] log, int batch, double[] max, double[] sum) {
        int entries = max.length;
        double[] shares = new double[log.length];
        for (int i = 0; i < batch; i++) {
            for (int j = 0; j < entries; j++) {
                int k = i * entries + j;
                shares[k] = Math.exp(log[k] - max[j]) / sum[j] * batch / entries;
            }
        }
        return shares;
    }
}
