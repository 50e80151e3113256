package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Moves codebooks without gradients: each entry is the mean of the residuals that chose it, averaged exponentially over
 * steps (van den Oord et al. 2017, appendix A.1). An entry that nobody chose for some steps starts anew at a residual
 * of the current batch.
 */
public final class AveragedCodebooks {
    private static final String[] PARTS = {".ema_count", ".ema_sum", ".idle_steps"};

    private final NetworkConfig config;
    private final Weights weights;
    private final double decay;
    private final int reseedAfter;
    private final Map<String, NDArray> state = new LinkedHashMap<>();

    /**
     * Averages over about 1/(1 − {@code decay}) steps.
     *
     * @param reseedAfter steps without a choice after which an entry starts anew; 0 for never
     */
    public AveragedCodebooks(NetworkConfig config, Weights weights, double decay, int reseedAfter, NDManager manager) {
        this.config = config;
        this.weights = weights;
        this.decay = decay;
        this.reseedAfter = reseedAfter;
        for (int level = 0; level < config.levels(); level++) {
            NDArray codebook = weights.get(NetworkConfig.codebook(level));
            Shape perEntry = new Shape(codebook.getShape().get(0), 1);
            Shape[] shapes = {perEntry, codebook.getShape(), perEntry};
            for (int part = 0; part < PARTS.length; part++) {
                state.put(NetworkConfig.codebook(level) + PARTS[part], manager.zeros(shapes[part]));
            }
        }
    }

    /**
     * Starts from the codebooks as they are.
     *
     * @param weight how many residuals each entry counts for; small values follow the data sooner
     */
    public void start(double weight) {
        for (int level = 0; level < config.levels(); level++) {
            String name = NetworkConfig.codebook(level);
            try (NDScope scope = new NDScope()) {
                NDArray count = state.get(name + ".ema_count");
                assign(count, count.onesLike().muli(weight));
                assign(state.get(name + ".ema_sum"), weights.detached(name).mul(weight));
                assign(state.get(name + ".idle_steps"), count.zerosLike());
            }
        }
    }

    /** Takes a batch's choices into account. */
    public void update(Quantised quantised, SplittableRandom random) {
        for (int level = 0; level < config.levels(); level++) {
            update(
                    NetworkConfig.codebook(level),
                    quantised.residuals().get(level),
                    quantised.codes().get(level),
                    random);
        }
    }

    private void update(String name, NDArray residuals, NDArray codes, SplittableRandom random) {
        NDArray codebook = weights.detached(name);
        NDArray count = state.get(name + ".ema_count");
        NDArray sum = state.get(name + ".ema_sum");
        int size = (int) codebook.getShape().get(0);
        try (NDScope scope = new NDScope()) {
            NDArray choices = codes.oneHot(size, DataType.FLOAT32).transpose();
            NDArray chosen = choices.sum(new int[] {1}, true);
            count.muli(decay).addi(chosen.mul(1 - decay));
            sum.muli(decay).addi(choices.matMul(residuals).muli(1 - decay));
            if (reseedAfter > 0) {
                reseed(name, chosen, candidates(residuals, size, random));
            }
            // A count that decayed to next to nothing would throw its entry far off; such an entry stays where it is.
            NDArray alive = count.gt(1e-3f);
            assign(codebook, NDArrays.where(alive.broadcast(sum.getShape()), sum.div(count.maximum(1e-3f)), codebook));
        }
    }

    private void reseed(String name, NDArray chosen, NDArray candidates) {
        NDArray count = state.get(name + ".ema_count");
        NDArray sum = state.get(name + ".ema_sum");
        NDArray idle = state.get(name + ".idle_steps");
        idle.addi(1).muli(chosen.eq(0).toType(DataType.FLOAT32, false));
        NDArray dead = idle.gte(reseedAfter);
        assign(sum, NDArrays.where(dead.broadcast(sum.getShape()), candidates, sum));
        assign(count, NDArrays.where(dead, count.onesLike(), count));
        assign(idle, NDArrays.where(dead, idle.zerosLike(), idle));
    }

    private static NDArray candidates(NDArray residuals, int size, SplittableRandom random) {
        long rows = residuals.getShape().get(0);
        long[] indices = random.longs(size, 0, rows).toArray();
        return Quantiser.rows(residuals, residuals.getManager().create(indices));
    }

    private static void assign(NDArray target, NDArray value) {
        target.set(new NDIndex("..."), value);
    }

    /** The state's arrays by name, as long as this object lives. */
    public Map<String, NDArray> state() {
        return Map.copyOf(state);
    }
}
