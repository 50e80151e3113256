package io.residua.trainer.run;

import java.util.List;

/** A matrix of embeddings that training reads from, by several threads at once. */
public interface Rows {
    /** Number of rows. */
    long rows();

    /** Floats per row. */
    int dim();

    /** Copies a row into {@code target} from {@code offset} on. */
    void readRow(long row, float[] target, int offset);

    /** The files they are read from; empty if none. */
    default List<String> files() {
        return List.of();
    }

    /** Rows that lie one behind the other in an array. */
    static Rows of(float[] data, int dim) {
        return new Rows() {
            @Override
            public long rows() {
                return data.length / dim;
            }

            @Override
            public int dim() {
                return dim;
            }

            @Override
            public void readRow(long row, float[] target, int offset) {
                System.arraycopy(data, Math.toIntExact(row * dim), target, offset, dim);
            }
        };
    }
}
