package io.residua.benchmarks.datapath;

import java.util.SplittableRandom;

/** Which items a run sends. */
enum ItemMode {
    /** Random mixtures of the sample's rows, so that few items collide. */
    DISTINCT("random mixtures of the sample's rows") {
        @Override
        ItemVectors vectors(SampleRows rows, long items, long seed) {
            return item -> mixture(rows, random(seed, item));
        }
    },

    /** Near copies of few rows, {@value #COPIES_PER_ROW} of each or more, so that nearly every item collides. */
    COPIES("near copies of few rows of the sample") {
        @Override
        ItemVectors vectors(SampleRows rows, long items, long seed) {
            long copied = Math.max(1, Math.min(rows.count(), items / COPIES_PER_ROW));
            return item -> copy(rows, (int) (item % copied), random(seed, item));
        }
    };

    private static final int COPIES_PER_ROW = 50;
    private static final int MIXED_ROWS = 3;
    /** Standard deviation of what a copy differs by in each element, relative to the row's root mean square. */
    private static final double COPY_NOISE = 0.002;

    private final String words;

    ItemMode(String words) {
        this.words = words;
    }

    /** What the items are, for a person. */
    String words() {
        return words;
    }

    /**
     * The embeddings of a run.
     *
     * @param items how many items the run has
     * @param seed runs with different seeds have different items
     */
    abstract ItemVectors vectors(SampleRows rows, long items, long seed);

    /** The multiplier keeps the streams of neighbouring items and seeds apart. */
    private static SplittableRandom random(long seed, long item) {
        return new SplittableRandom((seed << 48) ^ item * 0xbf58_476d_1ce4_e5b9L);
    }

    /** As long as its first row: mixing alone would draw all items towards the mean. */
    private static float[] mixture(SampleRows rows, SplittableRandom random) {
        float[] sum = new float[rows.dim()];
        rows.addTo(sum, random.nextInt(rows.count()), 1);
        double length = norm(sum);
        for (int i = 1; i < MIXED_ROWS; i++) {
            rows.addTo(sum, random.nextInt(rows.count()), (float) random.nextDouble());
        }
        double factor = length / Math.max(norm(sum), Float.MIN_NORMAL);
        for (int d = 0; d < sum.length; d++) {
            sum[d] *= (float) factor;
        }
        return sum;
    }

    private static float[] copy(SampleRows rows, int row, SplittableRandom random) {
        float[] copy = new float[rows.dim()];
        rows.addTo(copy, row, 1);
        blur(copy, random);
        return copy;
    }

    /** Makes a row a near copy of what it was. */
    static void blur(float[] row, SplittableRandom random) {
        double deviation = COPY_NOISE * norm(row) / Math.sqrt(row.length);
        for (int d = 0; d < row.length; d++) {
            row[d] += (float) (deviation * random.nextGaussian());
        }
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float x : vector) {
            sum += (double) x * x;
        }
        return Math.sqrt(sum);
    }
}
