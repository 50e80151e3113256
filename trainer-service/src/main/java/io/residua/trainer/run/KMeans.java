package io.residua.trainer.run;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Lloyd's k-means from a greedy k-means++ start (Arthur and Vassilvitskii 2007), on the CPU: its points are few and its
 * steps short. Costs O((log k + iterations) · n · k · d). What it finds does not depend on the number of threads.
 */
final class KMeans {
    /** Relative gain of inertia below which further iterations are not worth their time. */
    private static final double TOLERANCE = 1e-4;

    private final PointBlocks points;
    private final int n;
    private final int d;
    private final int k;
    private final ForkJoinPool pool;
    private final float[] centres;
    private final int[] assigned;
    /** Squared distance of each point to its centre. */
    private final double[] squared;

    private KMeans(float[] points, int d, int k, ForkJoinPool pool) {
        this.points = new PointBlocks(points, d);
        this.n = points.length / d;
        this.d = d;
        this.k = k;
        this.pool = pool;
        this.centres = new float[k * d];
        this.assigned = new int[n];
        this.squared = new double[n];
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
     * @param threads how many work on it
     */
    static Clusters cluster(float[] points, int d, int k, int iterations, SplittableRandom random, int threads) {
        ForkJoinPool pool = new ForkJoinPool(threads);
        try {
            // Distances to far-off points lose the digits that tell centres apart.
            float[] mean = mean(points, d);
            KMeans kMeans = new KMeans(shifted(points, mean, -1), d, k, pool);
            kMeans.start(random);
            double inertia = kMeans.lloyd(iterations);
            return new Clusters(shifted(kMeans.centres, mean, 1), kMeans.assigned, inertia);
        } finally {
            pool.shutdown();
        }
    }

    private static float[] mean(float[] points, int d) {
        double[] sums = new double[d];
        for (int i = 0; i < points.length; i++) {
            sums[i % d] += points[i];
        }
        float[] mean = new float[d];
        for (int j = 0; j < d; j++) {
            mean[j] = (float) (sums[j] * d / points.length);
        }
        return mean;
    }

    private static float[] shifted(float[] points, float[] by, int sign) {
        float[] shifted = new float[points.length];
        for (int i = 0; i < points.length; i++) {
            shifted[i] = points[i] + sign * by[i % by.length];
        }
        return shifted;
    }

    /** Chooses points as centres one by one: of 2 + ln k drawn by their squared distance, the one that helps most. */
    private void start(SplittableRandom random) {
        int candidates = 2 + (int) Math.log(k);
        float[] nearest = new float[n];
        Arrays.fill(nearest, Float.MAX_VALUE);
        double[] cumulative = new double[n];
        float[][] distances = new float[candidates][n];
        double[][] potentials = new double[points.blocks()][candidates];
        for (int centre = 0; centre < k; centre++) {
            int[] drawn = new int[centre == 0 ? 1 : candidates];
            double total = centre == 0 ? 0 : cumulate(nearest, cumulative);
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = total == 0 ? random.nextInt(n) : draw(cumulative, random.nextDouble(total));
            }
            forBlocks(block -> {
                for (int i = 0; i < drawn.length; i++) {
                    points.squaredDistances(block, drawn[i], distances[i]);
                    potentials[block][i] = points.sumOfLeast(block, nearest, distances[i]);
                }
            });
            int best = best(potentials, drawn.length);
            for (int i = 0; i < n; i++) {
                nearest[i] = Math.min(nearest[i], distances[best][i]);
            }
            points.copy(drawn[best], centres, centre);
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
        int at = Arrays.binarySearch(cumulative, value);
        // A value found exactly belongs to the next point; runs of equal sums are points that cannot be drawn.
        int index = at < 0 ? -at - 1 : at + 1;
        while (index < cumulative.length - 1 && cumulative[index] <= value) {
            index++;
        }
        return Math.min(index, cumulative.length - 1);
    }

    private static int best(double[][] potentials, int candidates) {
        double[] sums = new double[candidates];
        int best = 0;
        for (int i = 0; i < candidates; i++) {
            for (double[] block : potentials) {
                sums[i] += block[i];
            }
            best = sums[i] < sums[best] ? i : best;
        }
        return best;
    }

    /** Moves the centres until that gains little, and returns the inertia. */
    private double lloyd(int iterations) {
        double before = Double.MAX_VALUE;
        for (int i = 0; i < iterations; i++) {
            double inertia = assign();
            if (before - inertia <= TOLERANCE * inertia) {
                return inertia;
            }
            before = inertia;
            update();
        }
        return assign();
    }

    private double assign() {
        PointBlocks.Centres all = new PointBlocks.Centres(centres, d);
        forBlocks(block -> points.nearest(block, all, assigned, squared));
        double inertia = 0;
        for (double distance : squared) {
            inertia += distance;
        }
        return inertia;
    }

    private void update() {
        int[] counts = new int[k];
        for (int centre : assigned) {
            counts[centre]++;
        }
        relocateEmpty(counts);
        double[] sums = points.sums(assigned, k);
        for (int i = 0; i < sums.length; i++) {
            int count = counts[i / d];
            centres[i] = count == 0 ? centres[i] : (float) (sums[i] / count);
        }
    }

    /** Gives each empty cluster the point that is farthest from its centre and not alone with it. */
    private void relocateEmpty(int[] counts) {
        for (int centre = 0; centre < k; centre++) {
            if (counts[centre] > 0) {
                continue;
            }
            int farthest = -1;
            for (int i = 0; i < n; i++) {
                if (squared[i] > 0 && counts[assigned[i]] > 1 && (farthest < 0 || squared[i] > squared[farthest])) {
                    farthest = i;
                }
            }
            if (farthest < 0) {
                return;
            }
            counts[assigned[farthest]]--;
            counts[centre]++;
            assigned[farthest] = centre;
            squared[farthest] = 0;
        }
    }

    private void forBlocks(IntConsumer action) {
        pool.submit(() -> IntStream.range(0, points.blocks()).parallel().forEach(action))
                .join();
    }
}
