package io.residua.trainer.run;

import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.Randomness.Purpose;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.Recipe;
import io.residua.trainer.run.TrainingRun.DivergedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Starts the codebooks level by level, each at k-means of what the levels before leave over of a sample's latents. */
final class CodebookStart {
    private final RqVae model;
    private final Dataset data;
    private final DatasetPass pass;

    CodebookStart(RqVae model, Dataset data, DatasetPass pass) {
        this.model = model;
        this.data = data;
        this.pass = pass;
    }

    /**
     * Starts all codebooks.
     *
     * @param firstBatch the rows that mode {@code small} looks at
     * @param epoch epochs done
     * @throws DivergedException if the encoder gives no numbers any more
     */
    void run(Recipe recipe, int[] firstBatch, Randomness randomness, int epoch) {
        if (recipe.kmeans() == KMeansMode.NONE) {
            model.weights().initialiseCodebooks(model.config(), randomness.at(Purpose.KMEANS, epoch, 0));
            return;
        }
        int[] rows = recipe.kmeans() == KMeansMode.SMALL
                ? firstBatch
                : data.sample(Recipe.KMEANS_ROWS, randomness.at(Purpose.SAMPLE, epoch, 0));
        float[] residuals = encode(rows);
        for (float residual : residuals) {
            if (!Float.isFinite(residual)) {
                throw new DivergedException("the encoder's output became " + residual, epoch);
            }
        }
        int eDim = model.config().shape().eDim();
        for (int level = 0; level < model.config().levels(); level++) {
            int size = model.config().shape().codebookSizes().get(level);
            SplittableRandom random = randomness.at(Purpose.KMEANS, epoch, level);
            KMeans.Clusters clusters =
                    KMeans.cluster(residuals, eDim, size, recipe.kmeansIterations(), random, Torch.threads());
            set(level, clusters.centres());
            for (int i = 0; i < residuals.length; i++) {
                residuals[i] -= clusters.centres()[clusters.assigned()[i / eDim] * eDim + i % eDim];
            }
        }
    }

    private float[] encode(int[] rows) {
        int eDim = model.config().shape().eDim();
        float[] latents = new float[Math.multiplyExact(rows.length, eDim)];
        pass.each(rows, (x, from) -> {
            float[] z = model.encode(x).toFloatArray();
            System.arraycopy(z, 0, latents, from * eDim, z.length);
        });
        return latents;
    }

    private void set(int level, float[] centres) {
        ByteBuffer bytes = ByteBuffer.allocate(centres.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(centres);
        model.weights().set(NetworkConfig.codebook(level), bytes);
    }
}
