package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.residua.trainer.model.RqVae;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Applies an action to rows of the dataset with a model in evaluation mode, in several threads if that is faster. */
final class DatasetPass {
    /**
     * Maximum number of rows processed concurrently. No intermediate results are kept, so it may exceed the batch size.
     */
    private static final int ROWS = 4096;

    private final RqVae model;
    private final Dataset data;
    private final Standardisation.OnDevice standardise;
    private final NDManager manager;

    DatasetPass(RqVae model, Dataset data, Standardisation.OnDevice standardise, NDManager manager) {
        this.model = model;
        this.data = data;
        this.standardise = standardise;
        this.manager = manager;
    }

    /** An action on some rows. Arrays that it creates are closed when it returns. */
    interface Action<R> {
        /**
         * Processes consecutive rows. May be called by several threads at once.
         *
         * @param from index of the first row within the pass
         * @param x the rows, standardised, [rows, dim]
         */
        R take(int from, NDArray x);
    }

    /**
     * Processes rows.
     *
     * @param rows row numbers, or {@code null} for all rows
     * @return the results in the order of the rows
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

    /** Processes rows with an action without a result. */
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
