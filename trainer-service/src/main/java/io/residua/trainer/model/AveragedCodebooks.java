package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residua.common.network.NetworkConfig;
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
    private static final String COUNT = ".ema_count";
    private static final String SUM = ".ema_sum";
    private static final String IDLE = ".idle_steps";

    private static final String PARAMETERS = "codebook: Tensor, count: Tensor, sum: Tensor, idle: Tensor,"
            + " residuals: Tensor, codes: Tensor, candidates: Tensor";
    /** A count that decayed to next to nothing would throw its entry far off; such an entry stays where it is. */
    private static final String BODY = """
            size = torch.size(count, 0)
            ones = torch.unsqueeze(torch.ones_like(torch.select(residuals, 1, 0)), 1)
            chosen = torch.embedding_dense_backward(ones, codes, size, -1, False)
            torch.add_(torch.mul_(count, %1$s), chosen, alpha=%2$s)
            choosers = torch.embedding_dense_backward(residuals, codes, size, -1, False)
            torch.add_(torch.mul_(sum, %1$s), choosers, alpha=%2$s)
            torch.mul_(torch.add_(idle, 1), torch.eq(chosen, 0))
            dead = torch.ge(idle, %3$s)
            fresh = torch.index_select(residuals, 0, candidates)
            torch.copy_(sum, torch.where(dead, fresh, sum))
            torch.masked_fill_(count, dead, 1.0)
            torch.masked_fill_(idle, dead, 0.0)
            mean = torch.div(sum, torch.clamp(count, 0.001))
            torch.copy_(codebook, torch.where(torch.gt(count, 0.001), mean, codebook))
            return [codebook]
            """;

    private final NetworkConfig config;
    private final Weights weights;
    private final NDManager manager;
    private final TorchScript script;
    private final Map<String, NDArray> state = new LinkedHashMap<>();

    /**
     * Averages over about 1/(1 − {@code decay}) steps.
     *
     * @param reseedAfter steps without a choice after which an entry starts anew; 0 for never
     */
    public AveragedCodebooks(NetworkConfig config, Weights weights, double decay, int reseedAfter, NDManager manager) {
        this.config = config;
        this.weights = weights;
        this.manager = manager;
        double never = Double.MAX_VALUE;
        this.script = new TorchScript(
                manager, PARAMETERS, BODY.formatted(decay, 1 - decay, reseedAfter == 0 ? never : reseedAfter));
        for (int level = 0; level < config.levels(); level++) {
            String name = NetworkConfig.codebook(level);
            Shape shape = weights.get(name).getShape();
            Shape perEntry = new Shape(shape.get(0), 1);
            state.put(name + COUNT, manager.zeros(perEntry));
            state.put(name + SUM, manager.zeros(shape));
            state.put(name + IDLE, manager.zeros(perEntry));
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
                NDArray count = state.get(name + COUNT);
                assign(count, count.onesLike().muli(weight));
                assign(state.get(name + SUM), weights.get(name).mul(weight));
                assign(state.get(name + IDLE), count.zerosLike());
            }
        }
    }

    private static void assign(NDArray target, NDArray value) {
        target.set(new NDIndex("..."), value);
    }

    /** Takes a batch's choices into account. */
    public void update(Quantised quantised, SplittableRandom random) {
        for (int level = 0; level < config.levels(); level++) {
            String name = NetworkConfig.codebook(level);
            NDArray residuals = quantised.residuals().get(level);
            int size = config.shape().codebookSizes().get(level);
            long[] candidates =
                    random.longs(size, 0, residuals.getShape().get(0)).toArray();
            try (NDArray indices = manager.create(candidates)) {
                script.run(
                                weights.get(name),
                                state.get(name + COUNT),
                                state.get(name + SUM),
                                state.get(name + IDLE),
                                residuals,
                                quantised.codes().get(level),
                                indices)
                        .close();
            }
        }
    }

    /** The state's arrays by name, as long as this object lives. */
    public Map<String, NDArray> state() {
        return Map.copyOf(state);
    }
}
