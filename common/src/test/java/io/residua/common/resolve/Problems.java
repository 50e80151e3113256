package io.residua.common.resolve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Seeded collision problems as residual vectors and codebook entries make them, and small ones of plain numbers. */
final class Problems {
    private static final int[][] SHAPES = {
        {2, 2},
        {2, 200},
        {3, 7},
        {5, 5},
        {9, 4},
        {16, 64},
        {64, 16},
        {40, 48},
        {63, 64},
        {64, 64},
        {65, 64},
        {100, 256},
        {128, 128},
        {256, 100},
        {250, 256},
        {256, 256},
        {300, 256}
    };

    /** What the residuals of the items that meet in a prefix look like. */
    enum Kind {
        /** Scattered as the entries are. */
        SCATTERED,
        /** A third of the items repeat an earlier one exactly. */
        DUPLICATES,
        /** All close to a few of the entries, so that many want the same one. */
        CLUSTERS
    }

    /** One problem with a name for the test report. */
    record Problem(String name, double[] distances, int n, int m, double[] outsideCosts) {
        AssignmentProblem assignment() {
            return new AssignmentProblem(distances, n, m, outsideCosts);
        }

        double[] row(int i) {
            return Arrays.copyOfRange(distances, i * m, (i + 1) * m);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private Problems() {}

    /** Every shape in every kind, with vectors of a latent's usual 32 dimensions. */
    static List<Problem> all() {
        List<Problem> problems = new ArrayList<>();
        for (int[] shape : SHAPES) {
            for (Kind kind : Kind.values()) {
                problems.add(vectors(shape[0], shape[1], 32, kind, 1000L * shape[0] + shape[1]));
            }
        }
        return problems;
    }

    /** Squared distances between {@code n} residuals and {@code m} entries of {@code dim} dimensions. */
    static Problem vectors(int n, int m, int dim, Kind kind, long seed) {
        Random random = new Random(seed);
        double[][] entries = new double[m][];
        for (int j = 0; j < m; j++) {
            entries[j] = gaussian(random, dim, 1);
        }
        double[][] items = new double[n][];
        double[] outside = new double[n];
        for (int i = 0; i < n; i++) {
            items[i] = gaussian(random, dim, 1);
            outside[i] = dim * (1.5 + random.nextDouble());
            if (kind == Kind.DUPLICATES && i > 0 && random.nextInt(3) == 0) {
                int original = random.nextInt(i);
                items[i] = items[original];
                outside[i] = outside[original];
            } else if (kind == Kind.CLUSTERS) {
                items[i] = near(entries[random.nextInt(Math.max(1, m / 8))], random);
            }
        }
        String name = n + "x" + m + " " + dim + "-dimensional " + kind;
        return new Problem(name, distances(items, entries), n, m, n > m ? outside : null);
    }

    /** Costs drawn from a few integers, so that there are many ties. */
    static Problem integers(int n, int m, long seed) {
        Random random = new Random(seed);
        double[] distances = random.ints((long) n * m, 0, 6).asDoubleStream().toArray();
        double[] outside = random.ints(n, 0, 9).asDoubleStream().toArray();
        return new Problem(n + "x" + m + " integers " + seed, distances, n, m, n > m ? outside : null);
    }

    private static double[] near(double[] entry, Random random) {
        double[] item = gaussian(random, entry.length, 0.1);
        for (int d = 0; d < item.length; d++) {
            item[d] += entry[d];
        }
        return item;
    }

    private static double[] gaussian(Random random, int dim, double deviation) {
        double[] vector = new double[dim];
        for (int d = 0; d < dim; d++) {
            vector[d] = deviation * random.nextGaussian();
        }
        return vector;
    }

    private static double[] distances(double[][] items, double[][] entries) {
        double[] distances = new double[items.length * entries.length];
        for (int k = 0; k < distances.length; k++) {
            double[] item = items[k / entries.length];
            double[] entry = entries[k % entries.length];
            for (int d = 0; d < item.length; d++) {
                distances[k] += (item[d] - entry[d]) * (item[d] - entry[d]);
            }
        }
        return distances;
    }
}
