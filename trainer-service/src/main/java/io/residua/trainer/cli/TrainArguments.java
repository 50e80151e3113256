package io.residua.trainer.cli;

import io.residua.common.cli.Flags;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.OptimizerType;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.Network;
import io.residua.trainer.run.TrainingOptions.Optimisation;
import io.residua.trainer.run.TrainingOptions.Recipe;
import io.residua.trainer.run.TrainingOptions.Selection;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/**
 * The options of {@code train} that say what is trained and how, with the Python reference's names and defaults.
 * Options the reference does not have default to the recipe of {@code docs/training.md}; {@code --parity} sets them to
 * what the reference does.
 */
public final class TrainArguments {
    private static final int WARMUP_EPOCHS = 50;
    private static final double AUTOENCODER_SHARE = 0.3;

    @Option(names = "--lr", defaultValue = "1e-3", description = "highest learning rate")
    double lr;

    @Option(names = "--epochs", defaultValue = "5000", description = "passes over the data")
    int epochs;

    @Option(names = "--batch_size", defaultValue = "2048", description = "rows per step")
    int batchSize;

    @Option(names = "--num_workers", description = "accepted for the reference's sake, not used")
    Integer numWorkers;

    @Option(names = "--eval_step", defaultValue = "50", description = "epochs between evaluations over all rows")
    int evalStep;

    @Option(names = "--learner", defaultValue = "AdamW", description = "optimiser: ${COMPLETION-CANDIDATES}")
    OptimizerType learner;

    @Option(names = "--lr_scheduler_type", defaultValue = "constant", description = "${COMPLETION-CANDIDATES}")
    LearningRate.Kind schedule;

    @Option(
            names = "--warmup_epochs",
            description =
                    "epochs in which the rate rises from 0 (default: 50; a tenth of the epochs if there are no more)")
    Integer warmupEpochs;

    @Option(names = "--weight_decay", defaultValue = "0.0", description = "decay of all parameters")
    double weightDecay;

    @Option(names = "--dropout_prob", defaultValue = "0.0", description = "share of inputs zeroed in training")
    double dropout;

    @Option(names = "--bn", arity = "1", defaultValue = "False", description = "batch normalisation, True or False")
    Boolean batchNorm;

    @Option(names = "--loss_type", defaultValue = "mse", description = "reconstruction loss: mse or l1")
    LossConfig.Reconstruction lossType;

    @Option(names = "--kmeans_init", arity = "1", description = "start codebooks at k-means (default: True)")
    Boolean kmeansInit;

    @Option(
            names = "--large_scale_kmeans",
            arity = "1",
            description = "k-means of a random sample instead of the first batch (default: True)")
    Boolean largeScaleKmeans;

    @Option(names = "--kmeans_mode", description = "large, small or none: both of the above in one")
    KMeansMode kmeansMode;

    @Option(names = "--kmeans_iters", defaultValue = "100", description = "most rounds of k-means")
    int kmeansIterations;

    @Option(
            names = "--sk_epsilons",
            arity = "1..*",
            description = "per level: epsilon of Sinkhorn's assignment in training (default: 0.0 each)")
    List<Double> sinkhornEpsilons;

    @Option(names = "--sk_iters", defaultValue = "50", description = "rounds of that assignment")
    int sinkhornIterations;

    @Option(names = "--num_emb_list", arity = "1..*", description = "entries per level (default: 256 256 256)")
    List<Integer> codebookSizes = List.of(256, 256, 256);

    @Option(names = "--e_dim", defaultValue = "32", description = "floats per latent")
    int eDim;

    @Option(names = "--quant_loss_weight", defaultValue = "1.0", description = "weight of the quantisation losses")
    double quantLossWeight;

    @Option(names = "--beta", defaultValue = "0.25", description = "weight of the commitment among them")
    double beta;

    @Option(
            names = "--layers",
            arity = "1..*",
            description = "widths of the hidden layers (default: 2048 1024 512 256 128 64)")
    List<Integer> layers = List.of(2048, 1024, 512, 256, 128, 64);

    @Option(
            names = "--patience",
            defaultValue = "0",
            description = "evaluations in a row without a better figure that end the run, 0 for never")
    int patience;

    @Option(
            names = "--publish",
            description = "figure that chooses the weights to publish: ${COMPLETION-CANDIDATES} (default: balanced)")
    SelectionMetric publish;

    @Option(names = "--seed", defaultValue = "2024", description = "of every random choice")
    long seed;

    @Option(names = "--parity", description = "do exactly what the Python reference does")
    boolean parity;

    @Option(names = "--standardise", arity = "1", description = "centre and scale inputs (default: True)")
    Boolean standardise;

    @Option(
            names = "--ae_epochs",
            description = "epochs as a plain autoencoder before anything is quantised (default: 0.3 of the epochs)")
    Integer autoencoderEpochs;

    @Option(
            names = "--codebook_decay",
            description = "decay of the average that codebooks follow, 0 trains them by gradient (default: 0.95)")
    Double codebookDecay;

    @Option(
            names = "--reseed_after",
            description = "steps without a choice after which an entry starts anew, 0 for never (default: 10)")
    Integer reseedAfter;

    @Option(
            names = "--commit_every_level",
            arity = "1",
            description = "let every level's commitment reach the encoder (default: True)")
    Boolean commitEveryLevel;

    /** The arguments as the command line has them. */
    public static TrainArguments parse(String... args) {
        TrainArguments arguments = new TrainArguments();
        Flags.commandLine(arguments).parseArgs(args);
        return arguments;
    }

    /**
     * The options as training takes them.
     *
     * @throws IllegalArgumentException saying what is wrong with them
     */
    public TrainingOptions options() {
        List<Double> epsilons =
                sinkhornEpsilons == null ? Collections.nCopies(codebookSizes.size(), 0.0) : sinkhornEpsilons;
        if (sinkhornIterations < 1) {
            throw new IllegalArgumentException("sk_iters is " + sinkhornIterations + ", expected at least 1");
        }
        if (!parity && warmup() >= epochs) {
            throw new IllegalArgumentException("warmup_epochs is " + warmup() + ", expected fewer than the " + epochs
                    + " epochs: no weights are chosen during the warm-up");
        }
        boolean everyLevel = unlessParity(commitEveryLevel, true, false);
        return new TrainingOptions(
                new Network(layers, eDim, codebookSizes, batchNorm, dropout),
                new LossConfig(lossType, quantLossWeight, beta, epsilons, sinkhornIterations, everyLevel),
                new Optimisation(learner, lr, schedule, warmup(), weightDecay, batchSize, epochs),
                recipe(),
                new Selection(
                        evalStep, patience, unlessParity(publish, SelectionMetric.BALANCED, SelectionMetric.COLLISION)),
                seed);
    }

    /** The reference's default would leave a short run in its warm-up to the end. */
    private int warmup() {
        int better = epochs > WARMUP_EPOCHS ? WARMUP_EPOCHS : epochs / 10;
        return unlessParity(warmupEpochs, better, WARMUP_EPOCHS);
    }

    private Recipe recipe() {
        return new Recipe(
                unlessParity(standardise, true, false),
                unlessParity(autoencoderEpochs, (int) (AUTOENCODER_SHARE * epochs), 0),
                kmeans(),
                kmeansIterations,
                unlessParity(codebookDecay, 0.95, 0.0),
                unlessParity(reseedAfter, 10, 0));
    }

    /** An option the reference does not have: as given, or else the better value, or under parity the reference's. */
    private <T> T unlessParity(T given, T better, T reference) {
        if (given != null) {
            return given;
        }
        return parity ? reference : better;
    }

    private KMeansMode kmeans() {
        Boolean init = kmeansInit;
        Boolean large = largeScaleKmeans;
        if (kmeansMode == null) {
            if (Boolean.FALSE.equals(init)) {
                return KMeansMode.NONE;
            }
            return Boolean.FALSE.equals(large) ? KMeansMode.SMALL : KMeansMode.LARGE;
        }
        boolean agrees = (init == null || init == (kmeansMode != KMeansMode.NONE))
                && (large == null || kmeansMode == KMeansMode.NONE || large == (kmeansMode == KMeansMode.LARGE));
        if (!agrees) {
            throw new IllegalArgumentException("kmeans_mode is "
                    + kmeansMode.name().toLowerCase(Locale.ROOT) + ", but kmeans_init is " + init
                    + " and large_scale_kmeans is " + large);
        }
        return kmeansMode;
    }
}
