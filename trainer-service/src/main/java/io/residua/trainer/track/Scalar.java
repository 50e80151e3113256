package io.residua.trainer.track;

import io.residua.trainer.run.Evaluation;
import io.residua.trainer.run.TrainingNews;
import java.util.ArrayList;
import java.util.List;

/**
 * A figure of a run after some epoch.
 *
 * @param tag its name, grouped by slashes as TensorBoard does
 */
record Scalar(String tag, double value) {
    static final String LOSS = "loss/total";
    static final String QUANTISATION_LOSS = "loss/quantisation";
    static final String COLLISION_RATE = "eval/collision_rate";
    /** With the level's number behind, from 0. */
    static final String UTILISATION = "eval/utilisation/level_";

    /** The figures in news of a whole epoch or an evaluation; none in other news. */
    static List<Scalar> of(TrainingNews news) {
        if (news instanceof TrainingNews.Progressed progressed && progressed.step() == 0) {
            return List.of(
                    new Scalar(LOSS, progressed.loss()),
                    new Scalar("loss/reconstruction", progressed.reconstructionLoss()),
                    new Scalar(QUANTISATION_LOSS, progressed.quantisationLoss()),
                    new Scalar("learning_rate", progressed.learningRate()),
                    new Scalar("rows_per_second", progressed.rowsPerSecond()));
        }
        return news instanceof TrainingNews.Evaluated evaluated ? of(evaluated.evaluation()) : List.of();
    }

    private static List<Scalar> of(Evaluation evaluation) {
        List<Scalar> scalars = new ArrayList<>(List.of(
                new Scalar(COLLISION_RATE, evaluation.collisionRate()),
                new Scalar("eval/relative_reconstruction_error", evaluation.relativeReconstructionError()),
                new Scalar("eval/quantisation_error", evaluation.meanQuantisationError())));
        for (int level = 0; level < evaluation.utilisation().size(); level++) {
            scalars.add(new Scalar(UTILISATION + level, evaluation.utilisation().get(level)));
        }
        return scalars;
    }

    /** Epochs done when {@link #of figures} like these were taken. */
    static int epoch(TrainingNews news) {
        if (news instanceof TrainingNews.Progressed progressed) {
            return progressed.epoch();
        }
        if (news instanceof TrainingNews.Evaluated evaluated) {
            return evaluated.epoch();
        }
        throw new IllegalArgumentException("there are no figures in " + news);
    }
}
