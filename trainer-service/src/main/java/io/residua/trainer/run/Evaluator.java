package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.residua.trainer.model.RqVae;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Evaluates a model over all rows. */
final class Evaluator {
    /** Rows at a time: as many as a step has by default, so that memory for steps serves here too. */
    private static final int BATCH = 2048;

    private final RqVae model;
    private final Dataset data;
    private final Standardisation standardisation;
    private final NDManager manager;

    Evaluator(RqVae model, Dataset data, Standardisation standardisation, NDManager manager) {
        this.model = model;
        this.data = data;
        this.standardisation = standardisation;
        this.manager = manager;
    }

    /** One pass over all rows. */
    Evaluation evaluate() {
        List<Integer> sizes = model.config().shape().codebookSizes();
        Codes codes = new Codes(sizes, data.rows());
        double squaredError = 0;
        double quantisationError = 0;
        try (NDManager scope = manager.newSubManager()) {
            Standardisation.OnDevice standardise = standardisation.on(scope);
            for (int from = 0; from < data.rows(); from += BATCH) {
                int to = Math.min(data.rows(), from + BATCH);
                try (NDScope batch = new NDScope()) {
                    NDArray x = standardise.apply(data.batch(scope, null, from, to));
                    int row = from;
                    for (Part part : model.inParts(x, this::evaluate)) {
                        row = codes.add(part.codes, row);
                        squaredError += part.squaredError;
                        quantisationError += part.quantisationError;
                    }
                }
            }
        }
        double scale = standardisation.scale();
        double mse = squaredError * scale * scale / ((double) data.rows() * data.dim());
        double relative = mse / Math.max(data.statistics().meanSquare(), Double.MIN_NORMAL);
        return new Evaluation(
                codes.collisionRate(),
                codes.used(),
                codes.utilisation(),
                mse,
                relative,
                quantisationError / data.rows());
    }

    /** What is asked of some rows: a code per level and row, and sums over the rows. */
    private record Part(List<long[]> codes, double squaredError, double quantisationError) {}

    private Part evaluate(NDArray x) {
        NDArray z = model.encode(x);
        List<NDArray> nearest = model.nearest(z);
        int levels = nearest.size() - 1;
        NDArray quantised = nearest.get(levels);
        return new Part(
                nearest.subList(0, levels).stream().map(NDArray::toLongArray).toList(),
                sumOfSquares(model.decode(quantised).subi(x)),
                sumOfSquares(z.sub(quantised)));
    }

    private static double sumOfSquares(NDArray array) {
        return array.square().sum().getFloat();
    }

    /** Counts what codes occur. Full codes are compared by 64 bits: exactly where they fit, else by a hash. */
    private static final class Codes {
        private final List<Integer> sizes;
        private final List<BitSet> seen = new ArrayList<>();
        private final long[] full;

        Codes(List<Integer> sizes, int rows) {
            this.sizes = sizes;
            this.full = new long[rows];
            sizes.forEach(size -> seen.add(new BitSet(size)));
        }

        /** Counts rows from {@code from} on, and tells where they end. */
        int add(List<long[]> levels, int from) {
            for (int level = 0; level < levels.size(); level++) {
                long[] codes = levels.get(level);
                for (int i = 0; i < codes.length; i++) {
                    seen.get(level).set((int) codes[i]);
                    // An odd factor no smaller than the size: injective until 64 bits overflow, well spread after.
                    full[from + i] = full[from + i] * (sizes.get(level) | 1) + codes[i];
                }
            }
            return from + levels.get(0).length;
        }

        double collisionRate() {
            Arrays.sort(full);
            long distinct = full.length == 0 ? 0 : 1;
            for (int i = 1; i < full.length; i++) {
                distinct += full[i] == full[i - 1] ? 0 : 1;
            }
            return (full.length - distinct) / (double) full.length;
        }

        List<Integer> used() {
            return seen.stream().map(BitSet::cardinality).toList();
        }

        List<Double> utilisation() {
            List<Double> shares = new ArrayList<>();
            for (int level = 0; level < sizes.size(); level++) {
                shares.add(seen.get(level).cardinality() / (double) sizes.get(level));
            }
            return shares;
        }
    }
}
