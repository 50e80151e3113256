package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import io.residua.trainer.model.RqVae;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Evaluates a model over all rows. */
final class Evaluator {
    private final RqVae model;
    private final Dataset data;
    private final Standardisation standardisation;
    private final DatasetPass pass;

    Evaluator(RqVae model, Dataset data, Standardisation standardisation, DatasetPass pass) {
        this.model = model;
        this.data = data;
        this.standardisation = standardisation;
        this.pass = pass;
    }

    /** One pass over all rows. */
    Evaluation evaluate() {
        Codes codes = new Codes(model.config().shape().codebookSizes(), data.rows());
        double squaredError = 0;
        double quantisationError = 0;
        for (Errors errors : pass.over(null, (from, x) -> evaluate(from, x, codes))) {
            squaredError += errors.squared;
            quantisationError += errors.quantisation;
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

    /** Sums over some rows. */
    private record Errors(double squared, double quantisation) {}

    private Errors evaluate(int from, NDArray x, Codes codes) {
        NDArray z = model.encode(x);
        List<NDArray> nearest = model.nearest(z);
        int levels = nearest.size() - 1;
        NDArray quantised = nearest.get(levels);
        codes.add(nearest.subList(0, levels).stream().map(NDArray::toLongArray).toList(), from);
        return new Errors(sumOfSquares(model.decode(quantised).subi(x)), sumOfSquares(z.sub(quantised)));
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

        /** Counts rows from {@code from} on. Several threads may. */
        synchronized void add(List<long[]> levels, int from) {
            for (int level = 0; level < levels.size(); level++) {
                long[] codes = levels.get(level);
                for (int i = 0; i < codes.length; i++) {
                    seen.get(level).set((int) codes[i]);
                    // An odd factor no smaller than the size: injective until 64 bits overflow, well spread after.
                    full[from + i] = full[from + i] * (sizes.get(level) | 1) + codes[i];
                }
            }
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
