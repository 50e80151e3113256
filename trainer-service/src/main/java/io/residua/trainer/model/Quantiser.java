package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import io.residua.common.network.NetworkConfig;
import java.util.ArrayList;
import java.util.List;

/** Residual quantisation: each level takes the entry nearest to what the levels before left over. */
public final class Quantiser {
    private final Weights weights;
    private final int levels;
    private final LossConfig loss;
    private final NDArray beta;
    private final NDArray perLevel;

    Quantiser(Weights weights, int levels, LossConfig loss) {
        if (loss.sinkhornEpsilons().size() != levels) {
            throw new IllegalArgumentException("sk_epsilons has "
                    + loss.sinkhornEpsilons().size() + " values, expected one for each of the " + levels + " levels");
        }
        this.weights = weights;
        this.levels = levels;
        this.loss = loss;
        this.beta = Torch.scalar(weights.manager(), loss.beta());
        this.perLevel = Torch.scalar(weights.manager(), 1.0 / levels);
    }

    /**
     * A quantised batch. Lists have one array per level, coarsest first.
     *
     * @param latent sum of the chosen entries, through which gradients pass to the encoder unchanged, [batch, eDim]
     * @param codes chosen entries, int64 [batch]
     * @param residuals what each level was given, without gradients, [batch, eDim]
     * @param losses codebook loss + β · commitment loss, no dimensions
     * @param loss mean of the levels' losses, no dimensions
     */
    public record Quantised(
            NDArray latent, List<NDArray> codes, List<NDArray> residuals, List<NDArray> losses, NDArray loss) {}

    /**
     * Quantises a batch in training.
     *
     * @param z latents, [batch, eDim]
     * @param trainCodebooks whether the codebook loss sends gradients to the codebooks
     */
    Quantised quantise(NDArray z, boolean trainCodebooks) {
        List<NDArray> codes = new ArrayList<>();
        List<NDArray> residuals = new ArrayList<>();
        List<NDArray> losses = new ArrayList<>();
        NDArray residual = z;
        NDArray sum = null;
        for (int level = 0; level < levels; level++) {
            String codebook = NetworkConfig.codebook(level);
            NDArray target = residual.stopGradient();
            NDArray code = assign(target, level);
            NDArray entry = rows(trainCodebooks ? weights.get(codebook) : weights.detached(codebook), code);
            NDArray chosen = entry.stopGradient();
            NDArray codebookLoss = entry.sub(target).square().mean();
            NDArray commitment = residual.sub(chosen).square().mean();
            losses.add(codebookLoss.add(commitment.mul(beta)));
            codes.add(code);
            residuals.add(target);
            sum = sum == null ? chosen : sum.add(chosen);
            residual = loss.commitEveryLevel() ? residual.sub(chosen) : target.sub(chosen);
        }
        NDArray latent = z.add(sum.sub(z.stopGradient()));
        return new Quantised(latent, codes, residuals, losses, mean(losses));
    }

    private NDArray mean(List<NDArray> losses) {
        NDArray total = losses.get(0);
        for (NDArray level : losses.subList(1, levels)) {
            total = total.add(level);
        }
        return total.mul(perLevel);
    }

    /**
     * The nearest codes.
     *
     * @param z latents, [batch, eDim]
     * @return int64 [batch], one array per level, then the sum of their entries, [batch, eDim]
     */
    List<NDArray> nearest(NDArray z) {
        List<NDArray> result = new ArrayList<>();
        NDArray residual = z;
        for (int level = 0; level < levels; level++) {
            NDArray codebook = weights.detached(NetworkConfig.codebook(level));
            NDArray code = distances(residual, codebook).argMin(1);
            result.add(code);
            residual = residual.sub(rows(codebook, code));
        }
        result.add(z.sub(residual));
        return result;
    }

    private NDArray assign(NDArray residual, int level) {
        NDArray distances = distances(residual, weights.detached(NetworkConfig.codebook(level)));
        double epsilon = loss.sinkhornEpsilons().get(level);
        return epsilon > 0 ? Sinkhorn.assign(distances, epsilon, loss.sinkhornIterations()) : distances.argMin(1);
    }

    /**
     * Squared Euclidean distances by their expanded form, ‖a‖² + ‖b‖² − 2ab.
     *
     * @param a [n, d]
     * @param b [k, d]
     * @return [n, k]
     */
    private static NDArray distances(NDArray a, NDArray b) {
        NDArray product = a.matMul(b.transpose()).muli(-2);
        return product.addi(a.square().sum(new int[] {1}, true)).addi(b.square().sum(new int[] {1}));
    }

    /** Rows of {@code matrix} by int64 {@code indices}; gradients pass. */
    public static NDArray rows(NDArray matrix, NDArray indices) {
        NDManager manager = indices.getManager();
        NDArray rows = Embedding.embedding(indices, matrix, SparseFormat.DENSE).singletonOrThrow();
        rows.attach(manager);
        return rows;
    }
}
