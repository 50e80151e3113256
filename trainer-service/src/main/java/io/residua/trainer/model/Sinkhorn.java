package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Balanced assignment of a batch to the entries of a codebook in training: Sinkhorn and Knopp's normalisation of
 * exp(−D/ε) to equal column masses (Cuturi 2013), as in the Python reference, but of logarithms, so that no ε
 * overflows.
 */
final class Sinkhorn {
    private Sinkhorn() {}

    /**
     * The entry each row is assigned to.
     *
     * @param distances squared distances, [batch, K]
     * @param epsilon regularisation, above 0, of distances scaled to −1…1
     * @return int64 [batch], the first maximum of each row's plan
     */
    static NDArray assign(NDArray distances, double epsilon, int iterations) {
        return logPlan(centre(distances).toType(DataType.FLOAT64, false), epsilon, iterations)
                .argMax(1);
    }

    /** Shifts and scales a matrix of distances to about −1…1, by the middle of its range. */
    static NDArray centre(NDArray distances) {
        NDArray max = distances.max();
        NDArray middle = max.add(distances.min()).div(2);
        NDArray amplitude = max.sub(middle).add(1e-5f);
        return distances.sub(middle).div(amplitude);
    }

    /**
     * The logarithm of the plan after {@code iterations} normalisations of rows to 1 and columns to B/K.
     *
     * @param centred [B, K]
     */
    static NDArray logPlan(NDArray centred, double epsilon, int iterations) {
        double logColumnMass =
                Math.log((double) centred.getShape().get(0) / centred.getShape().get(1));
        NDArray log = centred.div(-epsilon);
        for (int i = 0; i < iterations; i++) {
            log = log.logSoftmax(1).logSoftmax(0);
        }
        return iterations == 0 ? log : log.add(logColumnMass);
    }
}
