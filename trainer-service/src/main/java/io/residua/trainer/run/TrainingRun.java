package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.AdamW;
import io.residua.trainer.model.AveragedCodebooks;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.Optimiser;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.Randomness.Purpose;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.RqVae.Forward;
import io.residua.trainer.model.RqVae.Phase;
import io.residua.trainer.model.Torch;
import io.residua.trainer.model.TrainingStep;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * A training run from the first epoch, or from where an earlier process left its folder, to the last. It owns its
 * folder, keeps what is needed to go on there, and ends with the weights to publish. One run per process at a time.
 */
public final class TrainingRun {
    private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(60);
    /** Residuals that an averaged entry counts for at the start. */
    private static final double START_WEIGHT = 1;

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
    private final Evaluator evaluator;
    private final Checkpoints checkpoints;
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
    public TrainingRun(TrainingOptions options, Dataset data, Path folder, Listener listener, NDManager manager)
            throws IOException {
        this.options = options;
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
        Optimiser optimiser = new AdamW(weights, options.optimisation().weightDecay(), manager);
        this.step = new TrainingStep(model, optimiser);
        this.averages = recipe.averaged()
                ? new AveragedCodebooks(config, weights, recipe.codebookDecay(), recipe.reseedAfter(), manager)
                : null;
        this.rates = options.optimisation().rates(data.rows());
        this.stepsPerEpoch = options.optimisation().stepsPerEpoch(data.rows());
        this.evaluator = new Evaluator(model, data, standardisation, manager);
        this.lossSums = manager.zeros(new Shape(3));
        arrays.putAll(Checkpoints.arrays(weights));
        arrays.putAll(optimiser.state());
        if (averages != null) {
            arrays.putAll(averages.state());
        }
        arrays.put("run.loss_sums", lossSums);
        this.checkpoints = new Checkpoints(folder);
        RunState initial = RunState.initial(options, data.statistics().fingerprint());
        this.state = checkpoints.restoreState(initial, arrays).orElse(initial);
    }

    /**
     * Trains to the end. Afterwards the model has the weights to publish.
     *
     * @param cancelled asked before every step
     * @return the evaluation of the weights to publish
     * @throws CancellationException if {@code cancelled} said so; the state is kept
     * @throws DivergedException if the loss is no number any more
     */
    public Outcome run(BooleanSupplier cancelled) throws IOException {
        Pace pace = new Pace(options.optimisation().epochs(), stepsPerEpoch, state.epoch(), state.step());
        Dataset.Statistics statistics = data.statistics();
        String device = Torch.name(manager.getDevice());
        listener.on(new TrainingNews.Started(data.rows(), statistics.dropped(), data.dim(), device, state.epoch()));
        while (state.epoch() < options.optimisation().epochs()) {
            double loss = epoch(cancelled, pace);
            state = state.afterEpoch(loss);
            evaluateIfDue();
            checkpointIfDue(evaluationDue());
        }
        checkpoints.restoreBest(model.weights());
        listener.on(new TrainingNews.Finished(state.epoch(), state.bestEpoch(), state.best()));
        return new Outcome(model, standardisation, state.best(), state.bestEpoch(), state.loss());
    }

    /**
     * What came of a run.
     *
     * @param model with the weights to publish, not folded
     * @param standardisation what the model's inputs need
     * @param evaluation of these weights
     * @param bestEpoch epochs they were trained for
     * @param loss total loss of the last epoch, mean over its batches
     */
    public record Outcome(
            RqVae model, Standardisation standardisation, Evaluation evaluation, int bestEpoch, double loss) {}

    private double epoch(BooleanSupplier cancelled, Pace pace) {
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
            if (pace.tellNow(state)) {
                listener.on(pace.news(state, meanLosses(), batch));
            }
            checkpointIfDue(false);
        }
        float[] losses = meanLosses();
        listener.on(pace.news(state, losses, batch));
        if (!Float.isFinite(losses[0])) {
            throw new DivergedException(state.epoch() + 1, losses[0]);
        }
        return losses[0];
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

    private void observe(Forward forward) {
        NDArray quantisation = forward.quantisation() == null ? forward.total().zerosLike() : forward.quantisation();
        lossSums.addi(
                NDArrays.stack(new NDList(forward.total(), forward.reconstruction(), quantisation.stopGradient())));
        if (averages != null && forward.quantised() != null) {
            averages.update(forward.quantised(), randomness.at(Purpose.RESEED, state.epoch(), state.step()));
        }
    }

    private float[] meanLosses() {
        float[] losses = lossSums.toFloatArray();
        for (int i = 0; i < losses.length; i++) {
            losses[i] /= state.step();
        }
        return losses;
    }

    private void startCodebooks(int[] firstBatch) {
        new CodebookStart(model, data, standardisation, manager)
                .run(options.recipe(), firstBatch, randomness, state.epoch());
        if (averages != null) {
            averages.start(START_WEIGHT);
        }
        state = state.startQuantising();
    }

    private boolean evaluationDue() {
        return state.epoch() % options.evalStep() == 0
                || state.epoch() == options.optimisation().epochs();
    }

    private void evaluateIfDue() {
        if (!evaluationDue()) {
            return;
        }
        Evaluation evaluation = evaluator.evaluate();
        boolean last = state.epoch() == options.optimisation().epochs();
        // In the warm-up collisions can be few although nothing has been learnt.
        boolean eligible =
                state.quantising() && state.epoch() > options.optimisation().warmupEpochs();
        boolean best = state.best() == null
                ? eligible || last
                : eligible && evaluation.score() < state.best().score();
        if (best) {
            checkpoints.saveBest(model.weights());
            state = state.withBest(evaluation);
        }
        listener.on(new TrainingNews.Evaluated(state.epoch(), evaluation, best));
    }

    private void checkpointIfDue(boolean due) {
        if (due || System.nanoTime() - lastCheckpoint > CHECKPOINT_EVERY.toNanos()) {
            checkpoint();
        }
    }

    private void checkpoint() {
        checkpoints.saveState(state, arrays);
        lastCheckpoint = System.nanoTime();
    }

    /** The loss is no number any more. */
    public static final class DivergedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DivergedException(int epoch, double loss) {
            super("the loss became " + loss + " in epoch " + epoch + "; a lower learning rate may help");
        }
    }
}
