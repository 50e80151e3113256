package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.residua.trainer.model.RqVae;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Goes over rows of the data with a model in evaluation mode, in several threads where that is faster. */
final class Sweep {
    /** Rows in hand at a time: they keep no intermediate results, so that they need less memory than a usual step. */
    private static final int ROWS = 4096;

    private final RqVae model;
    private final Dataset data;
    private final Standardisation.OnDevice standardise;
    private final NDManager manager;

    Sweep(RqVae model, Dataset data, Standardisation.OnDevice standardise, NDManager manager) {
        this.model = model;
        this.data = data;
        this.standardise = standardise;
        this.manager = manager;
    }

    /** What is done with some rows. Arrays that it makes are gone when it has returned. */
    interface Action<R> {
        /**
         * Takes rows that stand together. May be called in several threads at once.
         *
         * @param from where the first of them stands among all that are gone over
         * @param x them, standardised, [rows, dim]
         */
        R take(int from, NDArray x);
    }

    /**
     * Goes over rows.
     *
     * @param rows their numbers, or {@code null} for all
     * @return what the action gave, in the order of the rows
     */
    <R> List<R> over(int[] rows, Action<R> action) {
        int count = rows == null ? data.rows() : rows.length;
        try (NDManager scope = manager.newSubManager()) {
            return model.inRanges(count, ROWS, (from, to) -> {
                try (NDScope arrays = new NDScope()) {
                    return action.take(from, read(scope, rows, from, to));
                }
            });
        }
    }

    /** Goes over rows with an action that gives nothing. */
    void each(int[] rows, ObjIntConsumer<NDArray> action) {
        over(rows, (from, x) -> {
            action.accept(x, from);
            return null;
        });
    }

    private synchronized NDArray read(NDManager scope, int[] rows, int from, int to) {
        return standardise.apply(data.batch(scope, rows, from, to));
    }
}
