package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import io.residua.common.network.NetworkConfig;
import java.util.ArrayList;
import java.util.List;

/** Residual quantisation: each level takes the entry nearest to what the levels before left over. */
public final class Quantiser {
    /** Squared Euclidean distances [n, K] by their expanded form, ‖r‖² + ‖e‖² − 2re. */
    private static final String DISTANCES = """
            squares = torch.sum(torch.square(codebook), [1])
            lengths = torch.add(torch.sum(torch.square(residual), [1], True), squares)
            distances = torch.addmm_(lengths, residual, torch.t(codebook), alpha=-2)
            """;

    private static final String LEVEL = """
            share = torch.div(torch.size(residual, 0), torch.size(batch, 0))
            entries = torch.embedding(codebook, codes)
            errors = torch.sub(entries, residual)
            squared = torch.mul(torch.mse_loss(entries, residual), share)
            return [entries, errors, torch.add(squared, squared, alpha=%s), torch.sub(residual, entries)]
            """;
    private static final String GRADIENT = """
            sums = torch.embedding_dense_backward(errors, codes, torch.size(gradient, 0), -1, False)
            _ = torch.copy_(gradient, torch.div_(torch.mul_(sums, %s), torch.numel(errors)))
            return annotate(List[Tensor], [])
            """;

    private final Weights weights;
    private final int levels;
    private final LossConfig loss;
    private final TorchScript distances;
    private final TorchScript nearest;
    private final TorchScript level;
    private final TorchScript gradient;

    Quantiser(Weights weights, int levels, LossConfig loss) {
        if (loss.sinkhornEpsilons().size() != levels) {
            throw new IllegalArgumentException("sk_epsilons has "
                    + loss.sinkhornEpsilons().size() + " values, expected one for each of the " + levels + " levels");
        }
        this.weights = weights;
        this.levels = levels;
        this.loss = loss;
        NDManager manager = weights.manager();
        String parameters = "residual: Tensor, codebook: Tensor";
        this.distances = new TorchScript(manager, parameters, DISTANCES + "return [distances]\n");
        this.nearest = new TorchScript(manager, parameters, DISTANCES + "return [torch.argmin(distances, 1)]\n");
        parameters += ", codes: Tensor, batch: Tensor";
        this.level = new TorchScript(manager, parameters, LEVEL.formatted(loss.beta()));
        parameters = "errors: Tensor, codes: Tensor, gradient: Tensor";
        this.gradient = new TorchScript(manager, parameters, GRADIENT.formatted(2 * loss.quantLossWeight() / levels));
    }

    /** Whether a row's codes depend on that row alone, not on the others of the batch. */
    boolean rowsAreIndependent() {
        return loss.sinkhornEpsilons().stream().allMatch(epsilon -> epsilon == 0);
    }

    /**
     * Some rows of a batch, quantised. Lists have one array per level, coarsest first.
     *
     * @param latent sum of the chosen entries, as z + (sum − z), [rows, eDim]
     * @param codes chosen entries, int64 [rows]
     * @param residuals what each level was given, [rows, eDim]
     * @param errors how far the chosen entries are off, [rows, eDim]
     * @param losses what the rows add to codebook loss + β · commitment loss of the batch, no dimensions
     * @param gradient of the batch's weighted loss, with respect to z, [rows, eDim]
     */
    record Part(
            NDArray latent,
            List<NDArray> codes,
            List<NDArray> residuals,
            List<NDArray> errors,
            List<NDArray> losses,
            NDArray gradient) {}

    /**
     * A quantised batch. Lists have one array per level, coarsest first.
     *
     * @param codes chosen entries, int64 [batch]
     * @param residuals what each level was given, [batch, eDim]
     * @param losses codebook loss + β · commitment loss, no dimensions
     * @param loss mean of the levels' losses, no dimensions
     */
    public record Quantised(List<NDArray> codes, List<NDArray> residuals, List<NDArray> losses, NDArray loss) {}

    /**
     * Quantises rows in training. With e the entry that a level chose for residual r, both of a level's losses have the
     * value (e − r)², but the codebook loss moves e and the commitment loss moves r.
     *
     * @param z latents of the rows, [rows, eDim]
     * @param batch has as many rows as the whole batch
     */
    Part quantise(NDArray z, NDArray batch) {
        List<NDArray> codes = new ArrayList<>();
        List<NDArray> residuals = new ArrayList<>();
        List<NDArray> errors = new ArrayList<>();
        List<NDArray> losses = new ArrayList<>();
        NDArray residual = z;
        NDArray sum = null;
        NDArray committed = null;
        for (int at = 0; at < levels; at++) {
            NDArray code = assign(residual, at);
            NDList quantised = level.run(residual, weights.get(NetworkConfig.codebook(at)), code, batch);
            NDArray entries = quantised.get(0);
            NDArray error = quantised.get(1);
            codes.add(code);
            residuals.add(residual);
            errors.add(error);
            losses.add(quantised.get(2));
            if (at == 0) {
                committed = error;
            } else if (loss.commitEveryLevel()) {
                committed = committed.add(error);
            }
            sum = sum == null ? entries : sum.add(entries);
            residual = quantised.get(3);
        }
        long elements = batch.getShape().get(0) * z.getShape().get(1);
        float towardsEntries = (float) (-2 * loss.beta() * loss.quantLossWeight() / levels / elements);
        return new Part(z.add(sum.sub(z)), codes, residuals, errors, losses, committed.mul(towardsEntries));
    }

    /**
     * Puts the parts of a batch together, in the order of its rows.
     *
     * @param manager of the whole
     * @param trainCodebooks whether the codebooks' gradients become those of this batch
     */
    Quantised join(List<Part> parts, NDManager manager, boolean trainCodebooks) {
        List<NDArray> codes = new ArrayList<>();
        List<NDArray> residuals = new ArrayList<>();
        List<NDArray> losses = new ArrayList<>();
        for (int at = 0; at < levels; at++) {
            int level = at;
            codes.add(BatchShards.join(parts, part -> part.codes.get(level), manager));
            residuals.add(BatchShards.join(parts, part -> part.residuals.get(level), manager));
            losses.add(BatchShards.sum(parts, part -> part.losses.get(level), manager));
            if (trainCodebooks) {
                NDArray errors = BatchShards.join(parts, part -> part.errors.get(level), manager);
                gradient.run(errors, codes.get(level), weights.gradient(NetworkConfig.codebook(level)));
            }
        }
        return new Quantised(codes, residuals, losses, mean(losses));
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
            NDArray code = nearest(residual, codebook);
            result.add(code);
            residual = residual.sub(rows(codebook, code));
        }
        result.add(z.sub(residual));
        return result;
    }

    private NDArray assign(NDArray residual, int level) {
        NDArray codebook = weights.get(NetworkConfig.codebook(level));
        double epsilon = loss.sinkhornEpsilons().get(level);
        return epsilon > 0
                ? Sinkhorn.assign(
                        distances.run(residual, codebook).singletonOrThrow(), epsilon, loss.sinkhornIterations())
                : nearest(residual, codebook);
    }

    private NDArray nearest(NDArray residual, NDArray codebook) {
        return nearest.run(residual, codebook).singletonOrThrow();
    }

    /** Rows of {@code matrix} by int64 {@code indices}. */
    public static NDArray rows(NDArray matrix, NDArray indices) {
        NDManager manager = indices.getManager();
        NDArray rows = Embedding.embedding(indices, matrix, SparseFormat.DENSE).singletonOrThrow();
        rows.attach(manager);
        return rows;
    }
}
