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
    private final TorchScript entryGradients;

    Quantiser(Weights weights, int levels, LossConfig loss) {
        if (loss.sinkhornEpsilons().size() != levels) {
            throw new IllegalArgumentException("sk_epsilons has "
                    + loss.sinkhornEpsilons().size() + " values, expected one for each of the " + levels + " levels");
        }
        this.weights = weights;
        this.levels = levels;
        this.loss = loss;
        this.entryGradients =
                new TorchScript(weights.manager(), "errors: Tensor, codes: Tensor, gradient: Tensor", """
                sums = torch.embedding_dense_backward(errors, codes, torch.size(gradient, 0), -1, False)
                return [torch.copy_(gradient, sums)]
                """);
    }

    /**
     * A quantised batch. Lists have one array per level, coarsest first.
     *
     * @param latent sum of the chosen entries, as z + (sum − z), [batch, eDim]
     * @param codes chosen entries, int64 [batch]
     * @param residuals what each level was given, [batch, eDim]
     * @param losses codebook loss + β · commitment loss, no dimensions
     * @param loss mean of the levels' losses, no dimensions
     * @param gradient of the weighted loss, with respect to z, [batch, eDim]
     */
    public record Quantised(
            NDArray latent,
            List<NDArray> codes,
            List<NDArray> residuals,
            List<NDArray> losses,
            NDArray loss,
            NDArray gradient) {}

    /**
     * Quantises a batch in training. With e the entry that a level chose for residual r, both of a level's losses have
     * the value (e − r)², but the codebook loss moves e and the commitment loss moves r.
     *
     * @param z latents, [batch, eDim]
     * @param trainCodebooks whether the codebooks' gradients become those of this batch
     */
    Quantised quantise(NDArray z, boolean trainCodebooks) {
        List<NDArray> codes = new ArrayList<>();
        List<NDArray> residuals = new ArrayList<>();
        List<NDArray> losses = new ArrayList<>();
        float beta = (float) loss.beta();
        float scale = (float) (2 * loss.quantLossWeight() / levels / z.size());
        NDArray residual = z;
        NDArray sum = null;
        NDArray committed = null;
        for (int level = 0; level < levels; level++) {
            String codebook = NetworkConfig.codebook(level);
            NDArray code = assign(residual, level);
            NDArray entry = rows(weights.get(codebook), code);
            NDArray error = entry.sub(residual);
            NDArray squared = error.square().mean();
            losses.add(squared.add(squared.mul(beta)));
            codes.add(code);
            residuals.add(residual);
            if (trainCodebooks) {
                entryGradients
                        .run(error.mul(scale), code, weights.gradient(codebook))
                        .close();
            }
            if (level == 0) {
                committed = error;
            } else if (loss.commitEveryLevel()) {
                committed = committed.add(error);
            }
            sum = sum == null ? entry : sum.add(entry);
            residual = residual.sub(entry);
        }
        return new Quantised(z.add(sum.sub(z)), codes, residuals, losses, mean(losses), committed.mul(-beta * scale));
    }

    private NDArray mean(List<NDArray> losses) {
        NDArray total = losses.get(0);
        for (NDArray level : losses.subList(1, levels)) {
            total = total.add(level);
        }
        return total.div(levels);
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
            NDArray codebook = weights.get(NetworkConfig.codebook(level));
            NDArray code = distances(residual, codebook).argMin(1);
            result.add(code);
            residual = residual.sub(rows(codebook, code));
        }
        result.add(z.sub(residual));
        return result;
    }

    private NDArray assign(NDArray residual, int level) {
        NDArray distances = distances(residual, weights.get(NetworkConfig.codebook(level)));
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

    /** Rows of {@code matrix} by int64 {@code indices}. */
    public static NDArray rows(NDArray matrix, NDArray indices) {
        NDManager manager = indices.getManager();
        NDArray rows = Embedding.embedding(indices, matrix, SparseFormat.DENSE).singletonOrThrow();
        rows.attach(manager);
        return rows;
    }
}
