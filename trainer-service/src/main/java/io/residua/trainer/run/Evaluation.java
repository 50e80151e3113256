package io.residua.trainer.run;

import java.util.List;

/**
 * What one pass over all rows in evaluation mode found, without Sinkhorn.
 *
 * @param collisionRate (rows − distinct codes) / rows
 * @param used entries used, per level
 * @param utilisation share of entries used, per level
 * @param reconstructionError mean squared error per element, in the data's own units
 * @param relativeReconstructionError the same divided by the data's mean square
 * @param meanQuantisationError mean squared Euclidean distance between a latent and the sum of its entries
 */
public record Evaluation(
        double collisionRate,
        List<Integer> used,
        List<Double> utilisation,
        double reconstructionError,
        double relativeReconstructionError,
        double meanQuantisationError) {
    /** Reconstruction error that one percentage point of collisions is worth, by the choice of what is published. */
    private static final double COLLISION_WEIGHT = 3;

    public Evaluation {
        used = List.copyOf(used);
        utilisation = List.copyOf(utilisation);
    }

    /** What the published weights are chosen by, the less the better: reconstruction error and collisions together. */
    double score() {
        return relativeReconstructionError + COLLISION_WEIGHT * collisionRate;
    }
}
