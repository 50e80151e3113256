package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.residua.trainer.model.Quantiser;
import java.util.SplittableRandom;

/**
 * Lloyd's k-means from a greedy k-means++ start (Arthur and Vassilvitskii 2007). Distances are matrix products on the
 * device; the rest is on the heap, in float64. Costs O(iterations · n · k · d).
 */
final class KMeans {
    /** Relative gain of inertia below which further iterations are not worth their time. */
    private static final double TOLERANCE = 1e-4;

    private final float[] points;
    private final int n;
    private final int d;
    private final int k;
    private final float[] centres;
    private final int[] assigned;
    private double inertia;

    private KMeans(float[] points, int d, int k) {
        this.points = points;
        this.n = points.length / d;
        this.d = d;
        this.k = k;
        this.centres = new float[k * d];
        this.assigned = new int[n];
    }

    /**
     * A clustering.
     *
     * @param centres [k, d], row-major
     * @param assigned nearest centre of each point
     * @param inertia sum of squared distances to it
     */
    record Clusters(float[] centres, int[] assigned, double inertia) {}

    /**
     * Clusters points.
     *
     * @param points [n, d], row-major, n at least 1
     * @param d floats per point
     * @param k clusters; if the points have fewer distinct values some centres coincide
     * @param iterations most rounds of Lloyd's algorithm
     */
    static Clusters cluster(float[] points, int d, int k, int iterations, SplittableRandom random, NDManager manager) {
        KMeans kMeans = new KMeans(points, d, k);
        try (NDScope scope = new NDScope()) {
            Points device = Points.of(points, new Shape(kMeans.n, d), manager);
            kMeans.start(device, random);
            double before = Double.MAX_VALUE;
            for (int i = 0; i < iterations; i++) {
                kMeans.assign(device);
                if (before - kMeans.inertia <= TOLERANCE * kMeans.inertia) {
                    break;
                }
                before = kMeans.inertia;
                kMeans.update();
            }
            kMeans.assign(device);
        }
        return new Clusters(kMeans.centres, kMeans.assigned, kMeans.inertia);
    }

    /** Chooses points as centres one by one: of 2 + ln k drawn by their squared distance, the one that helps most. */
    private void start(Points device, SplittableRandom random) {
        int candidates = 2 + (int) Math.log(k);
        float[] nearest = new float[n];
        double[] cumulative = new double[n];
        for (int centre = 0; centre < k; centre++) {
            long[] drawn = new long[centre == 0 ? 1 : candidates];
            double total = cumulate(nearest, cumulative);
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = centre == 0 || total == 0 ? random.nextInt(n) : draw(cumulative, random.nextDouble(total));
            }
            float[] squared = distances(device, drawn);
            int best = centre == 0 ? 0 : best(nearest, squared, drawn.length);
            for (int i = 0; i < n; i++) {
                float distance = squared[i * drawn.length + best];
                nearest[i] = centre == 0 ? distance : Math.min(nearest[i], distance);
            }
            copy((int) drawn[best], centre);
        }
    }

    private static double cumulate(float[] nearest, double[] cumulative) {
        double total = 0;
        for (int i = 0; i < nearest.length; i++) {
            total += nearest[i];
            cumulative[i] = total;
        }
        return total;
    }

    private static int draw(double[] cumulative, double value) {
        int at = java.util.Arrays.binarySearch(cumulative, value);
        // A value found exactly belongs to the next point; runs of equal sums are points that cannot be drawn.
        int index = at < 0 ? -at - 1 : at + 1;
        while (index < cumulative.length - 1 && cumulative[index] <= value) {
            index++;
        }
        return Math.min(index, cumulative.length - 1);
    }

    private int best(float[] nearest, float[] squared, int candidates) {
        double[] potential = new double[candidates];
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < candidates; c++) {
                potential[c] += Math.min(nearest[i], squared[i * candidates + c]);
            }
        }
        int best = 0;
        for (int c = 1; c < candidates; c++) {
            best = potential[c] < potential[best] ? c : best;
        }
        return best;
    }

    /** Squared distances of all points to some of them, at least 0, [n, chosen]. */
    private static float[] distances(Points device, long[] chosen) {
        try (NDScope scope = new NDScope()) {
            NDArray some = Quantiser.rows(device.rows, device.rows.getManager().create(chosen));
            return device.distances(some).maximum(0f).toFloatArray();
        }
    }

    /**
     * The points on the device.
     *
     * @param rows [n, d]
     * @param norms their squared norms, [n, 1]
     */
    private record Points(NDArray rows, NDArray norms) {
        static Points of(float[] points, Shape shape, NDManager manager) {
            NDArray rows = aligned(points, shape, manager);
            return new Points(rows, Quantiser.squaredNorms(rows));
        }

        /** Squared distances to {@code others}, [k, d], as [n, k]. */
        NDArray distances(NDArray others) {
            return Quantiser.distances(rows, norms, others);
        }
    }

    /**
     * Values in memory of the engine, which aligns it: how an operand is aligned can decide how products are rounded, and
     * a run that is done again must find the same clusters.
     */
    private static NDArray aligned(float[] values, Shape shape, NDManager manager) {
        try (NDArray view = manager.create(values, shape)) {
            return view.duplicate();
        }
    }

    private void copy(int point, int centre) {
        System.arraycopy(points, point * d, centres, centre * d, d);
    }

    private void assign(Points device) {
        long[] codes;
        try (NDScope scope = new NDScope()) {
            NDArray all = aligned(centres, new Shape(k, d), device.rows.getManager());
            codes = device.distances(all).argMin(1).toLongArray();
        }
        inertia = 0;
        for (int i = 0; i < n; i++) {
            assigned[i] = (int) codes[i];
            inertia += squaredDistance(i);
        }
    }

    private double squaredDistance(int point) {
        double sum = 0;
        int centre = assigned[point] * d;
        for (int j = 0; j < d; j++) {
            double difference = points[point * d + j] - centres[centre + j];
            sum += difference * difference;
        }
        return sum;
    }

    private void update() {
        int[] counts = new int[k];
        for (int centre : assigned) {
            counts[centre]++;
        }
        relocateEmpty(counts);
        double[] sums = new double[k * d];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                sums[assigned[i] * d + j] += points[i * d + j];
            }
        }
        for (int centre = 0; centre < k; centre++) {
            for (int j = 0; counts[centre] > 0 && j < d; j++) {
                centres[centre * d + j] = (float) (sums[centre * d + j] / counts[centre]);
            }
        }
    }

    /** Gives each empty cluster the point that is farthest from its centre and not alone with it. */
    private void relocateEmpty(int[] counts) {
        double[] far = null;
        for (int centre = 0; centre < k; centre++) {
            if (counts[centre] > 0) {
                continue;
            }
            if (far == null) {
                far = new double[n];
                for (int i = 0; i < n; i++) {
                    far[i] = squaredDistance(i);
                }
            }
            int farthest = -1;
            for (int i = 0; i < n; i++) {
                if (far[i] > 0 && counts[assigned[i]] > 1 && (farthest < 0 || far[i] > far[farthest])) {
                    farthest = i;
                }
            }
            if (farthest < 0) {
                return;
            }
            counts[assigned[farthest]]--;
            counts[centre]++;
            assigned[farthest] = centre;
            far[farthest] = 0;
        }
    }
}
