package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Centres inputs per dimension and divides them by one number: geometry and the optimum of the squared error stay, while
 * inputs of any scale train alike. Published weights have it folded in.
 *
 * @param mean what is subtracted, per dimension
 * @param scale what is divided by
 */
public record Standardisation(float[] mean, float scale) {
    /** Data of no spread at all is left unscaled. */
    private static final double FLOOR = 1e-12;

    /** Fits the data. */
    static Standardisation of(Dataset.Statistics statistics) {
        double spread = statistics.spread();
        return new Standardisation(statistics.mean().clone(), spread < FLOOR ? 1 : (float) spread);
    }

    /** Leaves inputs of {@code dim} elements as they are. */
    public static Standardisation none(int dim) {
        return new Standardisation(new float[dim], 1);
    }

    /** What undoes this: x·σ + μ. */
    Standardisation inverse() {
        float[] shift = new float[mean.length];
        for (int i = 0; i < shift.length; i++) {
            shift[i] = -mean[i] / scale;
        }
        return new Standardisation(shift, 1 / scale);
    }

    /** Whether inputs stay as they are. */
    public boolean isNone() {
        if (scale != 1) {
            return false;
        }
        for (float m : mean) {
            if (m != 0) {
                return false;
            }
        }
        return true;
    }

    /** This on the device of {@code manager}. */
    OnDevice on(NDManager manager) {
        return new OnDevice(isNone() ? null : manager.create(mean), scale);
    }

    /** A standardisation whose mean is on the device; {@code null} stands for none. */
    record OnDevice(NDArray mean, float scale) {
        /**
         * A standardised copy of a batch. It is a copy in any case: the engine aligns its own memory, and how memory is
         * aligned can decide how products are rounded.
         */
        NDArray apply(NDArray batch) {
            return mean == null ? batch.duplicate() : batch.sub(mean).divi(scale);
        }
    }
}
