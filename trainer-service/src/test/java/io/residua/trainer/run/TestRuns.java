package io.residua.trainer.run;

import ai.djl.ndarray.NDManager;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.OptimizerType;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.Network;
import io.residua.trainer.run.TrainingOptions.Optimisation;
import io.residua.trainer.run.TrainingOptions.Recipe;
import io.residua.trainer.run.TrainingOptions.Selection;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import io.residua.trainer.run.TrainingRun.CheckpointPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Small data and options to train with. */
public final class TestRuns {
    public static final int DIM = 12;

    private TestRuns() {}

    /** Rows around 30 centres, far from the origin and of small spread. */
    public static Rows rows(int n) {
        float[] data = new float[n * DIM];
        for (int i = 0; i < n; i++) {
            SplittableRandom centre = new SplittableRandom(i % 30);
            SplittableRandom noise = new SplittableRandom(1000L + i);
            for (int j = 0; j < DIM; j++) {
                data[i * DIM + j] = (float) (3 + 0.1 * (centre.nextDouble(-1, 1) + 0.2 * noise.nextDouble(-1, 1)));
            }
        }
        return Rows.of(data, DIM);
    }

    /** The improved recipe, small. */
    public static TrainingOptions improved(int epochs, boolean batchNorm, double dropout) {
        Recipe recipe = new Recipe(true, epochs / 3, KMeansMode.LARGE, 20, 0.9, 5);
        return options(epochs, batchNorm, dropout, recipe, true);
    }

    /** The reference's recipe, small. */
    public static TrainingOptions reference(int epochs, KMeansMode kmeans) {
        return options(epochs, false, 0, Recipe.reference(kmeans, 20), false);
    }

    private static TrainingOptions options(
            int epochs, boolean batchNorm, double dropout, Recipe recipe, boolean commitEveryLevel) {
        return new TrainingOptions(
                new Network(List.of(24, 16), 6, List.of(12, 8, 10), batchNorm, dropout),
                new LossConfig(Reconstruction.MSE, 1, 0.25, List.of(0.0, 0.0, 0.01), 20, commitEveryLevel),
                new Optimisation(OptimizerType.ADAMW, 3e-3, LearningRate.Kind.LINEAR, 1, 1e-4, 64, epochs),
                recipe,
                new Selection(4, 0, SelectionMetric.BALANCED),
                7);
    }

    /** Keeps a run in {@code folder}. */
    public static CheckpointPolicy keeping(Path folder) {
        return new CheckpointPolicy(folder, 2, Duration.ofMinutes(1));
    }

    /** Runs in {@code folder}, and cancels after {@code stopAfterSteps} steps unless that is 0. */
    static TrainingRun.Outcome run(
            TrainingOptions options,
            Dataset data,
            Path folder,
            TrainingNews.Listener listener,
            int stopAfterSteps,
            NDManager manager)
            throws IOException {
        int[] steps = {0};
        return new TrainingRun(options, data, keeping(folder), listener, manager)
                .run(() -> stopAfterSteps > 0 && steps[0]++ == stopAfterSteps);
    }
}
