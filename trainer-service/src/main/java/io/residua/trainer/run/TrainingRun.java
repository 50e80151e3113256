package io.residua.trainer.run;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.AveragedCodebooks;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.Optimiser;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.Randomness.Purpose;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.RqVae.BatchResult;
import io.residua.trainer.model.RqVae.Phase;
import io.residua.trainer.model.Torch;
import io.residua.trainer.model.TrainingStep;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.BestCheckpoints.Evaluated;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions.Recipe;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A training run from the first epoch, or from where an earlier process left its folder, to the last. It owns its
 * folder, keeps what is needed to go on there, and ends with the weights to publish. One run per process at a time.
 */
public final class TrainingRun {
    /** Residuals that an averaged entry counts for at the start. */
    private static final double START_WEIGHT = 1;

    /** Floats of memory to touch at the start: 1 GiB. */
    private static final long MAX_TOUCHED_FLOATS = 1L << 28;

    private final TrainingOptions options;
    private final Dataset data;
    private final NDManager manager;
    private final Listener listener;
    private final Standardisation standardisation;
    private final Standardisation.OnDevice standardise;
    private final Randomness randomness;
    private final RqVae model;
    private final TrainingStep step;
    private final AveragedCodebooks averages;
    private final LearningRate rates;
    private final DatasetPass pass;
    private final Evaluator evaluator;
    private final RunFolder folder;
    private final CheckpointPolicy policy;
    private final Map<String, NDArray> arrays = new LinkedHashMap<>();
    private final NDArray lossSums;
    private final int stepsPerEpoch;
    private RunState state;
    private long lastCheckpoint = System.nanoTime();

    /**
     * Prepares a run, and restores the state its folder holds, if any.
     *
     * @param manager where its arrays live, on the device to train on
     * @throws IOException if the folder cannot be used
     * @throws IllegalArgumentException if the folder holds another run
     */
    public TrainingRun(
            TrainingOptions options, Dataset data, CheckpointPolicy policy, Listener listener, NDManager manager)
            throws IOException {
        requireNormalisable(options, data.rows());
        this.options = options;
        this.policy = policy;
        this.data = data;
        this.manager = manager;
        this.listener = listener;
        this.randomness = new Randomness(options.seed());
        Recipe recipe = options.recipe();
        NetworkConfig config = options.network().of(data.dim());
        Weights weights = new Weights(config, manager);
        weights.initialise(config, randomness.at(Purpose.WEIGHTS, 0, 0));
        this.model = new RqVae(config, options.network().dropout(), weights, options.loss());
        this.standardisation =
                recipe.standardise() ? Standardisation.of(data.statistics()) : Standardisation.none(data.dim());
        this.standardise = standardisation.on(manager);
        Optimiser optimiser = new Optimiser(
                options.optimisation().learner(),
                weights,
                options.optimisation().weightDecay(),
                manager);
        this.step = new TrainingStep(model, optimiser);
        this.averages = recipe.averaged()
                ? new AveragedCodebooks(config, weights, recipe.codebookDecay(), recipe.reseedAfter(), manager)
                : null;
        this.rates = options.optimisation().rates(data.rows());
        this.stepsPerEpoch = options.optimisation().stepsPerEpoch(data.rows());
        this.pass = new DatasetPass(model, data, standardise, manager);
        this.evaluator = new Evaluator(model, data, standardisation, pass);
        this.lossSums = manager.zeros(new Shape(3));
        arrays.putAll(DeviceArrays.of(weights));
        arrays.putAll(optimiser.state());
        if (averages != null) {
            arrays.putAll(averages.state());
        }
        arrays.put("run.loss_sums", lossSums);
        this.folder = new RunFolder(policy.folder());
        int threads = Torch.threads();
        RunState initial = RunState.initial(options, data, policy.limit(), threads);
        this.state = folder.restoreState(initial, arrays).orElse(initial).going(policy.limit(), threads);
    }

    private static void requireNormalisable(TrainingOptions options, int rows) {
        int batch = options.optimisation().batchSize();
        if (options.network().batchNorm() && (rows % batch == 1 || batch == 1)) {
            throw new IllegalArgumentException("batch_size is " + batch + ", which leaves a batch of one of the " + rows
                    + " rows: batch normalisation needs at least two, choose another size");
        }
    }

    /**
     * Where and how often a run saves checkpoints.
     *
     * @param folder folder of this run only
     * @param limit maximum number of newest checkpoints, and of those with the lowest collision rate, that are kept
     * @param interval maximum time between two states from which a later process can resume
     */
    public record CheckpointPolicy(Path folder, int limit, Duration interval) {
        public CheckpointPolicy {
            requireNonNull(folder, "folder is null");
            if (limit < 1) {
                throw new IllegalArgumentException("save_limit is " + limit + ", expected at least 1");
            }
            if (interval.isNegative() || interval.isZero() || interval.compareTo(Duration.ofDays(365)) > 0) {
                throw new IllegalArgumentException("checkpoint_every is " + interval.toNanos() / 1e9
                        + " seconds, expected above 0 and at most a year");
            }
        }
    }

    /**
     * Begins at trained weights, codebooks included, instead of random ones. A run that was begun goes on as it was.
     *
     * @throws IllegalArgumentException if they are another network's
     */
    public void startFrom(Checkpoint trained) {
        if (state.epoch() > 0 || state.step() > 0) {
            return;
        }
        FoldedWeights.unfold(trained, model.config(), model.weights(), standardisation);
        beginQuantising();
    }

    /**
     * Trains to the end. Afterwards the model has the weights to publish.
     *
     * @param cancelled asked before every step
     * @return the evaluation of the weights to publish
     * @throws CancellationException if {@code cancelled} said so; the state is kept
     * @throws DivergedException if the loss or a weight is no number any more
     */
    public Outcome run(BooleanSupplier cancelled) throws IOException {
        ThroughputMeter throughput =
                new ThroughputMeter(options.optimisation().epochs(), stepsPerEpoch, state.epoch(), state.step());
        Dataset.Statistics statistics = data.statistics();
        String device = Torch.name(manager.getDevice());
        listener.on(new TrainingNews.Started(data.rows(), statistics.dropped(), data.dim(), device, state.epoch()));
        touchMemory();
        while (!state.over()) {
            Losses losses = epoch(cancelled, throughput);
            state = state.afterEpoch(losses);
            if (evaluationDue()) {
                evaluate();
                checkpoint();
            }
        }
        Evaluated published = state.standing().best().get(options.selection().publish());
        folder.restorePublished(model.weights(), published.epoch());
        TrainingNews.Best best = published.by(options.selection().publish());
        listener.on(
                new TrainingNews.Finished(state.epoch(), best, state.standing().bests()));
        return new Outcome(
                model, standardisation, state.epoch(), published.epoch(), published.evaluation(), published.losses());
    }

    /**
     * Takes the memory of three steps and gives it back to the process, which keeps it as {@code TrainingProcess} sets
     * it up. Where one step finds room depends on what the ones before left; with some to spare from the beginning, a
     * run takes its memory at once instead of growing for hours.
     */
    private void touchMemory() {
        if (manager.getDevice().isGpu()) {
            return;
        }
        long outputs = Stream.concat(model.config().encoder().stream(), model.config().decoder().stream())
                .mapToLong(DenseLayer::out)
                .sum();
        // Outputs with their gradients; rows, their errors, and these squared.
        long step = (2 * outputs + 3L * data.dim())
                * Math.min(options.optimisation().batchSize(), data.rows());
        manager.ones(new Shape(Math.min(3 * step, MAX_TOUCHED_FLOATS))).close();
    }

    /**
     * What came of a run.
     *
     * @param model with the weights to publish, not folded
     * @param standardisation what the model's inputs need
     * @param epochs epochs done
     * @param bestEpoch epochs these weights were trained for
     * @param evaluation of these weights
     * @param losses of the last of these
     */
    public record Outcome(
            RqVae model,
            Standardisation standardisation,
            int epochs,
            int bestEpoch,
            Evaluation evaluation,
            Losses losses) {}

    private Losses epoch(BooleanSupplier cancelled, ThroughputMeter throughput) throws IOException {
        int[] order = EpochOrder.of(data.rows(), randomness.at(Purpose.SHUFFLE, state.epoch(), 0));
        int batch = options.optimisation().batchSize();
        if (!state.quantising() && state.epoch() >= options.recipe().autoencoderEpochs()) {
            startCodebooks(java.util.Arrays.copyOf(order, Math.min(batch, order.length)));
        }
        if (state.step() == 0) {
            lossSums.subi(lossSums);
        }
        while (state.step() < stepsPerEpoch) {
            if (cancelled.getAsBoolean()) {
                checkpoint();
                throw new CancellationException("training was cancelled in epoch " + (state.epoch() + 1));
            }
            int from = state.step() * batch;
            step(order, from, Math.min(order.length, from + batch));
            state = state.afterStep();
            if (throughput.isReportDue(state)) {
                listener.on(throughput.news(state, meanLosses(), learningRate(), batch));
            }
            if (System.nanoTime() - lastCheckpoint > policy.interval().toNanos()) {
                checkpoint();
            }
        }
        Losses losses = meanLosses();
        listener.on(throughput.news(state, losses, learningRate(), batch));
        if (!Double.isFinite(losses.total())) {
            throw new DivergedException("the loss became " + losses.total(), state.epoch());
        }
        if (!model.weights().areFinite()) {
            throw new DivergedException("a weight became no number", state.epoch());
        }
        return losses;
    }

    /** That of the step just done. */
    private double learningRate() {
        return rates.at((long) state.epoch() * stepsPerEpoch + state.step() - 1);
    }

    private void step(int[] order, int from, int to) {
        long global = (long) state.epoch() * stepsPerEpoch + state.step();
        if (options.network().dropout() > 0) {
            Torch.seed(randomness.seed(Purpose.DROPOUT, state.epoch(), state.step()));
        }
        Phase phase =
                !state.quantising() ? Phase.AUTOENCODER : averages == null ? Phase.FULL : Phase.AVERAGED_CODEBOOKS;
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = standardise.apply(data.batch(scope, order, from, to));
            step.run(x, phase, rates.at(global), this::observe);
        }
    }

    private void observe(BatchResult result) {
        NDArray quantisation = result.quantisation() == null ? result.total().zerosLike() : result.quantisation();
        lossSums.addi(NDArrays.stack(new NDList(result.total(), result.reconstruction(), quantisation)));
        if (averages != null && result.quantised() != null) {
            averages.update(result.quantised(), randomness.at(Purpose.RESEED, state.epoch(), state.step()));
        }
    }

    private Losses meanLosses() {
        float[] sums = lossSums.toFloatArray();
        double steps = state.step();
        return new Losses(sums[0] / steps, sums[1] / steps, sums[2] / steps);
    }

    private void startCodebooks(int[] firstBatch) {
        long start = System.nanoTime();
        new CodebookStart(model, data, pass).run(options.recipe(), firstBatch, randomness, state.epoch());
        beginQuantising();
        double seconds = (System.nanoTime() - start) / 1e9;
        listener.on(new TrainingNews.Quantising(state.epoch(), options.recipe().kmeans(), seconds));
    }

    private void beginQuantising() {
        if (averages != null) {
            averages.start(START_WEIGHT);
        }
        state = state.startQuantising();
    }

    private boolean evaluationDue() {
        return state.epoch() % options.selection().evalStep() == 0
                || state.epoch() == options.optimisation().epochs();
    }

    private void evaluate() throws IOException {
        boolean eligible =
                state.quantising() && state.epoch() > options.optimisation().warmupEpochs();
        Evaluated evaluated = new Evaluated(state.epoch(), state.losses(), evaluator.evaluate(), eligible);
        SelectionMetric publish = options.selection().publish();
        BestCheckpoints standing = state.standing().after(evaluated, publish, policy.limit());
        if (state.epoch() == options.optimisation().epochs()) {
            standing = standing.orLast(publish, evaluated);
        }
        state = state.withStanding(standing);
        List<SelectionMetric> leads = standing.leads(evaluated);
        listener.on(new TrainingNews.Evaluated(
                state.epoch(), state.losses(), evaluated.evaluation(), leads.contains(publish)));
        if (leads.contains(publish)) {
            folder.savePublished(model.weights(), state.epoch());
        }
        Checkpoint weights = FoldedWeights.fold(model.config(), model.weights(), standardisation);
        folder.saveCheckpoint(weights, evaluated, leads, state);
    }

    private void checkpoint() throws IOException {
        folder.saveState(state, arrays);
        lastCheckpoint = System.nanoTime();
    }

    /** What is computed is no number any more. */
    public static final class DivergedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DivergedException(String what, int epochsDone) {
            super(what + " in epoch " + (epochsDone + 1) + "; a lower learning rate may help");
        }
    }
}
