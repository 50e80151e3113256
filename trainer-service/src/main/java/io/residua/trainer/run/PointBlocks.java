package io.residua.trainer.run;

/**
 * Points in blocks that fit the cache, each coordinate of a block in an array of its own: the JIT compiler
 * turns loops over whole arrays into vector instructions, but not loops over stretches of one.
 */
final class PointBlocks {
    private static final int WIDTH = 512;

    private final float[] points;
    private final int n;
    private final int d;
    /** Per block [d, width]; the last block is filled up with zeros. */
    private final float[][][] columns;

    /**
     * Arranges points.
     *
     * @param points [n, d], row-major; not copied
     */
    PointBlocks(float[] points, int d) {
        this.points = points;
        this.d = d;
        this.n = points.length / d;
        this.columns = new float[(n + WIDTH - 1) / WIDTH][d][WIDTH];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                columns[i / WIDTH][j][i % WIDTH] = points[i * d + j];
            }
        }
    }

    int blocks() {
        return columns.length;
    }

    private int size(int block) {
        return Math.min(WIDTH, n - block * WIDTH);
    }

    /** Copies a point to row {@code to} of {@code target}. */
    void copy(int point, float[] target, int to) {
        System.arraycopy(points, point * d, target, to * d, d);
    }

    /** Writes the squared distances of a block's points to one point at their places of {@code out}, [n]. */
    void squaredDistances(int block, int point, float[] out) {
        float[] sums = new float[WIDTH];
        for (int j = 0; j < d; j++) {
            addSquares(columns[block][j], points[point * d + j], sums);
        }
        System.arraycopy(sums, 0, out, block * WIDTH, size(block));
    }

    private static void addSquares(float[] x, float coordinate, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            float difference = x[i] - coordinate;
            sums[i] += difference * difference;
        }
    }

    /** Σ min(aᵢ, bᵢ) over a block's points. */
    double sumOfLeast(int block, float[] a, float[] b) {
        double sum = 0;
        int from = block * WIDTH;
        for (int i = from; i < from + size(block); i++) {
            sum += Math.min(a[i], b[i]);
        }
        return sum;
    }

    /** Centres as distances need them: with ‖x − c‖² = ‖x‖² + ‖c‖² − 2xc the nearest has the least ‖c‖² − 2xc. */
    static final class Centres {
        private final float[] entries;
        private final float[] norms;
        /** −2c, [d, size]. */
        private final float[][] columns;

        /** Takes [size, d], row-major; not copied. */
        Centres(float[] entries, int d) {
            this.entries = entries;
            this.norms = new float[entries.length / d];
            this.columns = new float[d][norms.length];
            for (int c = 0; c < norms.length; c++) {
                double norm = 0;
                for (int j = 0; j < d; j++) {
                    float coordinate = entries[c * d + j];
                    columns[j][c] = -2 * coordinate;
                    norm += (double) coordinate * coordinate;
                }
                norms[c] = (float) norm;
            }
        }

        /** The centre nearest to a point; {@code distances}, [size], is overwritten. */
        private int nearest(float[] points, int at, float[] distances) {
            System.arraycopy(norms, 0, distances, 0, norms.length);
            int j = 0;
            // Two coordinates at a time: the sums are read and written half as often.
            for (; j + 1 < columns.length; j += 2) {
                addProducts(points[at + j], columns[j], points[at + j + 1], columns[j + 1], distances);
            }
            if (j < columns.length) {
                addProducts(points[at + j], columns[j], 0, columns[j], distances);
            }
            return least(distances);
        }

        private static void addProducts(float a, float[] x, float b, float[] y, float[] sums) {
            for (int c = 0; c < sums.length; c++) {
                sums[c] += a * x[c] + b * y[c];
            }
        }

        private static int least(float[] values) {
            int at = 0;
            float least = values[0];
            for (int i = 1; i < values.length; i++) {
                if (values[i] < least) {
                    least = values[i];
                    at = i;
                }
            }
            return at;
        }
    }

    /**
     * Finds the centres nearest to a block's points.
     *
     * @param assigned receives them at the points' places, [n]
     * @param squared receives the squared distances, in float64
     */
    void nearest(int block, Centres centres, int[] assigned, double[] squared) {
        float[] distances = new float[centres.norms.length];
        for (int i = block * WIDTH; i < block * WIDTH + size(block); i++) {
            assigned[i] = centres.nearest(points, i * d, distances);
            squared[i] = squaredDistance(i, centres.entries, assigned[i]);
        }
    }

    private double squaredDistance(int point, float[] entries, int entry) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            double difference = points[point * d + j] - entries[entry * d + j];
            sum += difference * difference;
        }
        return sum;
    }

    /** Sums of the points of each cluster, [k, d]. */
    double[] sums(int[] assigned, int k) {
        double[] sums = new double[k * d];
        for (int i = 0; i < n; i++) {
            int to = assigned[i] * d;
            for (int j = 0; j < d; j++) {
                sums[to + j] += points[i * d + j];
            }
        }
        return sums;
    }
}
