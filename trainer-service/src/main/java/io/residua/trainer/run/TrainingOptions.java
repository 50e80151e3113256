package io.residua.trainer.run;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.OptimizerType;
import java.util.List;

/**
 * Everything that decides what a training run does, but the data.
 *
 * @param network what is trained
 * @param loss what it minimises
 * @param optimisation how it minimises it
 * @param recipe how codebooks come to be and are moved
 * @param selection when weights are evaluated, and which are published
 * @param seed of every random choice
 */
public record TrainingOptions(
        Network network, LossConfig loss, Optimisation optimisation, Recipe recipe, Selection selection, long seed) {
    public TrainingOptions {
        requireNonNull(network, "network is null");
        requireNonNull(loss, "loss is null");
        requireNonNull(optimisation, "optimisation is null");
        requireNonNull(recipe, "recipe is null");
        requireNonNull(selection, "selection is null");
        if (loss.sinkhornEpsilons().size() != network.codebookSizes().size()) {
            throw new IllegalArgumentException(
                    "sk_epsilons has " + loss.sinkhornEpsilons().size()
                            + " values, expected one for each of the "
                            + network.codebookSizes().size()
                            + " codebooks of num_emb_list");
        }
        if (recipe.autoencoderEpochs() >= optimisation.epochs()) {
            throw new IllegalArgumentException("ae_epochs is " + recipe.autoencoderEpochs()
                    + ", expected fewer than the " + optimisation.epochs() + " epochs");
        }
    }

    /**
     * The network but for its input's width, which the data decides.
     *
     * @param layers widths of the encoder's hidden layers
     * @param eDim floats per latent
     * @param codebookSizes entries per level, coarsest first
     * @param batchNorm whether batch normalisations follow the linear layers
     * @param dropout probability with which inputs of linear layers are zeroed
     */
    public record Network(
            List<Integer> layers, int eDim, List<Integer> codebookSizes, boolean batchNorm, double dropout) {
        public Network {
            layers = List.copyOf(layers);
            codebookSizes = List.copyOf(codebookSizes);
            requireAtLeast("e_dim", eDim, 1);
            layers.forEach(width -> requireAtLeast("layers", width, 1));
            codebookSizes.forEach(size -> requireAtLeast("num_emb_list", size, 1));
            if (codebookSizes.isEmpty()) {
                throw new IllegalArgumentException("num_emb_list is empty, expected one size per level");
            }
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("dropout_prob is " + dropout + ", expected 0 to below 1");
            }
        }

        /** The network for embeddings of {@code dim} floats. */
        public NetworkConfig of(int dim) {
            return new NetworkConfig(new ModelShape(dim, layers, eDim, codebookSizes), batchNorm);
        }
    }

    /**
     * How the loss is minimised.
     *
     * @param learner the optimiser
     * @param learningRate its highest rate
     * @param schedule what the rate does after the warm-up
     * @param warmupEpochs epochs in which it rises from 0
     * @param weightDecay decay of all parameters
     * @param batchSize rows per step
     * @param epochs passes over the data
     */
    public record Optimisation(
            OptimizerType learner,
            double learningRate,
            LearningRate.Kind schedule,
            int warmupEpochs,
            double weightDecay,
            int batchSize,
            int epochs) {
        public Optimisation {
            requireNonNull(learner, "learner is null");
            requireNonNull(schedule, "schedule is null");
            requireAtLeast("warmup_epochs", warmupEpochs, 0);
            requireAtLeast("batch_size", batchSize, 1);
            requireAtLeast("epochs", epochs, 1);
            if (!(learningRate > 0 && Double.isFinite(learningRate))
                    || !(weightDecay >= 0 && Double.isFinite(weightDecay))) {
                throw new IllegalArgumentException("lr is " + learningRate + " and weight_decay " + weightDecay
                        + ", expected finite numbers above 0 and at least 0");
            }
        }

        /** Steps of an epoch over {@code rows} rows. */
        int stepsPerEpoch(int rows) {
            return (int) (((long) rows + batchSize - 1) / batchSize);
        }

        /** The learning rate of each step. */
        LearningRate rates(int rows) {
            long steps = stepsPerEpoch(rows);
            return new LearningRate(schedule, learningRate, warmupEpochs * steps, epochs * steps);
        }
    }

    /**
     * How codebooks come to be and are moved.
     *
     * @param standardise whether inputs are centred and scaled
     * @param autoencoderEpochs epochs as a plain autoencoder before anything is quantised
     * @param kmeans where codebooks begin
     * @param kmeansIterations most rounds of k-means
     * @param codebookDecay decay per step of the average that codebooks follow; 0 trains them by gradient
     * @param reseedAfter steps without a choice after which an averaged entry starts anew; 0 for never
     */
    public record Recipe(
            boolean standardise,
            int autoencoderEpochs,
            KMeansMode kmeans,
            int kmeansIterations,
            double codebookDecay,
            int reseedAfter) {
        /** Rows that k-means in mode {@code large} looks at, at most. */
        static final int KMEANS_ROWS = 20_000;

        public Recipe {
            requireNonNull(kmeans, "kmeans is null");
            requireAtLeast("ae_epochs", autoencoderEpochs, 0);
            requireAtLeast("kmeans_iters", kmeansIterations, 1);
            requireAtLeast("reseed_after", reseedAfter, 0);
            if (!(codebookDecay >= 0 && codebookDecay < 1)) {
                throw new IllegalArgumentException("codebook_decay is " + codebookDecay + ", expected 0 to below 1");
            }
        }

        /** What the Python reference does, with k-means as given. */
        public static Recipe reference(KMeansMode kmeans, int kmeansIterations) {
            return new Recipe(false, 0, kmeans, kmeansIterations, 0, 0);
        }

        /** Whether codebooks follow averages instead of gradients. */
        boolean averaged() {
            return codebookDecay > 0;
        }
    }

    /** Where codebooks begin. */
    public enum KMeansMode {
        /** At k-means of a random sample. */
        LARGE,
        /** At k-means of the first batch. */
        SMALL,
        /** At random. */
        NONE
    }

    /**
     * When weights are evaluated, and which are published.
     *
     * @param evalStep epochs between evaluations over all rows
     * @param patience evaluations in a row without a better figure after which the run ends; 0 for never
     * @param publish the figure
     */
    public record Selection(int evalStep, int patience, SelectionMetric publish) {
        public Selection {
            requireAtLeast("eval_step", evalStep, 1);
            requireAtLeast("patience", patience, 0);
            requireNonNull(publish, "publish is null");
        }
    }

    /** The metric by which the weights to publish are selected. */
    public enum SelectionMetric {
        /** Lowest combined score of reconstruction error and collision rate. */
        BALANCED,
        /** Lowest total training loss. */
        LOSS,
        /** Lowest collision rate. */
        COLLISION,
        /** Highest codebook utilisation. */
        UTILIZATION,
        /** The weights of the last epoch. */
        LAST
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", expected at least " + least);
        }
    }
}
