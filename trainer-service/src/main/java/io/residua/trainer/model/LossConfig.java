package io.residua.trainer.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What training minimises: reconstruction + {@code quantLossWeight} · mean over levels of (codebook loss + {@code beta}
 * · commitment loss), each a mean over elements.
 *
 * @param reconstruction how the reconstruction's error is measured
 * @param quantLossWeight weight of the quantisation losses
 * @param beta weight of the commitment among them
 * @param sinkhornEpsilons per level, the ε of Sinkhorn's assignment in training; 0 takes the nearest entry
 * @param sinkhornIterations rounds of that assignment
 * @param commitEveryLevel whether every level's commitment reaches the encoder; in the reference only the first does
 */
public record LossConfig(
        Reconstruction reconstruction,
        double quantLossWeight,
        double beta,
        List<Double> sinkhornEpsilons,
        int sinkhornIterations,
        boolean commitEveryLevel) {
    public LossConfig {
        requireNonNull(reconstruction, "reconstruction is null");
        sinkhornEpsilons = List.copyOf(sinkhornEpsilons);
        if (!(quantLossWeight >= 0) || !(beta >= 0)) {
            throw new IllegalArgumentException(
                    "loss weights are " + quantLossWeight + " and " + beta + ", expected at least 0");
        }
        if (sinkhornEpsilons.stream().anyMatch(epsilon -> !(epsilon >= 0))) {
            throw new IllegalArgumentException("sk_epsilons are " + sinkhornEpsilons + ", expected at least 0");
        }
    }

    /** How a reconstruction's error is measured. */
    public enum Reconstruction {
        /** Mean squared error. */
        MSE,
        /** Mean absolute error. */
        L1
    }
}
