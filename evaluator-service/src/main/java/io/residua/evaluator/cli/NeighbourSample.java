package io.residua.evaluator.cli;

import io.residua.common.cli.RowProgress;
import io.residua.common.inference.RowEncoding.Batch;
import io.residua.evaluator.quality.CosineNeighbours;
import io.residua.evaluator.quality.NeighbourAgreement;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Random;

/**
 * Rows among which neighbours are searched, and their codes: all rows, or a random sample if they are many. Of these, at
 * most {@value #MAX_QUERIES} are asked for their neighbours, because the time grows with the product of both.
 */
final class NeighbourSample {
    private static final int MAX_ROWS = 100_000;
    /** 256 MiB. */
    private static final int MAX_FLOATS = 1 << 26;

    private static final int MAX_QUERIES = 10_000;
    private static final int NEIGHBOURS = 10;
    private static final int PROGRESS_STEP = 512;
    private static final long SEED = 2024;

    private final Random random = new Random(SEED);
    private final int dim;
    private final int levels;
    private final CosineNeighbours rows;
    private final int[] codes;
    private long undecided;
    private int wanted;

    /** Samples from {@code total} rows of {@code dim} floats, or a few fewer: rows may be left out. */
    NeighbourSample(long total, int dim, int levels) {
        this.dim = dim;
        this.levels = levels;
        this.undecided = total;
        this.wanted = (int) Math.min(total, Math.min(MAX_ROWS, MAX_FLOATS / dim));
        this.rows = new CosineNeighbours(dim, wanted);
        this.codes = new int[wanted * levels];
    }

    /** Offers rows. Each is taken with the probability that fills the sample at the end (Knuth's algorithm S). */
    void offer(Batch batch) {
        for (int row = 0; row < batch.rows(); row++) {
            if (random.nextDouble() * undecided < wanted) {
                System.arraycopy(batch.codes(), row * levels, codes, rows.rows() * levels, levels);
                rows.add(batch.embeddings(), row * dim);
                wanted--;
            }
            undecided--;
        }
    }

    /**
     * What the sample's neighbours share; {@code null} if there are too few rows for any to be near.
     *
     * @param err where the progress goes
     */
    NeighbourAgreement agreement(PrintWriter err) {
        int count = rows.rows();
        if (count <= NEIGHBOURS) {
            return null;
        }
        int[] queries = queries(count);
        return NeighbourAgreement.of(
                Arrays.copyOf(codes, count * levels), levels, queries, nearest(queries, err), random);
    }

    private int[] nearest(int[] queries, PrintWriter err) {
        int[] nearest = new int[queries.length * NEIGHBOURS];
        try (RowProgress progress = new RowProgress(err, "searching neighbours", queries.length)) {
            for (int first = 0; first < queries.length; first += PROGRESS_STEP) {
                int end = Math.min(queries.length, first + PROGRESS_STEP);
                int[] some = rows.nearest(Arrays.copyOfRange(queries, first, end), NEIGHBOURS);
                System.arraycopy(some, 0, nearest, first * NEIGHBOURS, some.length);
                progress.done(end);
            }
        }
        return nearest;
    }

    private int[] queries(int count) {
        int size = Math.min(count, MAX_QUERIES);
        return random.ints(0, count).distinct().limit(size).sorted().toArray();
    }
}
