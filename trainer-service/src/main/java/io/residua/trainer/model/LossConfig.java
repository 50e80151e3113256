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
        if (!isWeight(quantLossWeight) || !isWeight(beta)) {
            throw new IllegalArgumentException("quant_loss_weight is " + quantLossWeight + " and beta " + beta
                    + ", expected finite numbers of at least 0");
        }
        if (!sinkhornEpsilons.stream().allMatch(LossConfig::isWeight)) {
            throw new IllegalArgumentException(
                    "sk_epsilons are " + sinkhornEpsilons + ", expected finite numbers of at least 0");
        }
    }

    private static boolean isWeight(double value) {
        return value >= 0 && Double.isFinite(value);
    }

    /** How a reconstruction's error is measured. */
    public enum Reconstruction {
        /** Mean squared error. */
        MSE,
        /** Mean absolute error. */
        L1
    }
}
