package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * The residual-quantised variational autoencoder. Its passes leave arrays behind: callers run them inside an
 * {@code NDScope}.
 */
public final class RqVae {
    private static final String SHARE = "share = torch.div(torch.numel(target), torch.numel(batch))\n";
    private static final String MEAN_SQUARED_ERROR = SHARE + """
            loss = torch.mul(torch.mse_loss(output, target), share)
            weight = torch.full_like(loss, share)
            return [loss, torch.mse_loss_backward(weight, output, target, 1)]
            """;
    private static final String MEAN_ABSOLUTE_ERROR = SHARE + """
            sign = torch.sgn(torch.sub(output, target))
            loss = torch.mul(torch.l1_loss(output, target), share)
            return [loss, torch.div_(sign, torch.numel(batch))]
            """;

    private final NetworkConfig config;
    private final Weights weights;
    private final BatchShards plainShards;
    private final BatchShards shards;
    private final BatchShards evaluationShards;
    private final Mlp encoder;
    private final Mlp decoder;
    private final Quantiser quantiser;
    private final TorchScript reconstructionLoss;
    private final double quantLossWeight;

    /**
     * A network over weights.
     *
     * @param dropout probability with which inputs of linear layers are zeroed in training, 0 to below 1
     */
    public RqVae(NetworkConfig config, double dropout, Weights weights, LossConfig loss) {
        this.config = config;
        this.weights = weights;
        this.evaluationShards = new BatchShards(weights.manager(), true);
        this.encoder = new Mlp(config.encoder(), weights, dropout, false);
        this.decoder = new Mlp(config.decoder(), weights, dropout, true);
        this.quantiser = new Quantiser(weights, config.levels(), loss);
        // The engine draws what to drop in the order it is asked, which would depend on who comes first.
        boolean independent = !config.batchNorm() && dropout == 0;
        this.plainShards = new BatchShards(weights.manager(), independent);
        this.shards = new BatchShards(weights.manager(), independent && quantiser.rowsAreIndependent());
        this.reconstructionLoss = new TorchScript(
                weights.manager(),
                "output: Tensor, target: Tensor, batch: Tensor",
                loss.reconstruction() == Reconstruction.L1 ? MEAN_ABSOLUTE_ERROR : MEAN_SQUARED_ERROR);
        this.quantLossWeight = loss.quantLossWeight();
    }

    /** What takes part in a training step. */
    public enum Phase {
        /** The plain autoencoder, nothing quantised. */
        AUTOENCODER,
        /** Everything but gradients of the codebooks, which are moved by averaging. */
        AVERAGED_CODEBOOKS,
        /** Everything. */
        FULL
    }

    /**
     * What a training step computed of a batch.
     *
     * @param total what to minimise, no dimensions
     * @param reconstruction its reconstruction part, no dimensions
     * @param quantisation mean of the levels' losses, no dimensions; {@code null} when nothing was quantised
     * @param quantised the quantiser's; {@code null} when nothing was quantised
     */
    public record BatchResult(NDArray total, NDArray reconstruction, NDArray quantisation, Quantised quantised) {}

    /**
     * Forward and backward pass in training mode. The gradients of the weights that take part are those of this batch
     * then.
     *
     * @param x embeddings, [batch, dim]
     */
    public BatchResult learn(NDArray x, Phase phase) {
        try (NDManager manager = x.getManager().newSubManager()) {
            List<NDArray> inputs = (phase == Phase.AUTOENCODER ? plainShards : shards).cut(x, manager);
            Mlp.Backward decoding = decoder.backward(inputs.size());
            Mlp.Backward encoding = encoder.backward(inputs.size());
            List<LearnedPart> parts =
                    BatchShards.run(IntStream.range(0, inputs.size()).boxed().toList(), (shard, tasks) -> {
                        Mlp.Pass encoded = encoder.forward(inputs.get(shard));
                        NDArray latent = encoded.output();
                        Quantiser.Part quantised = phase == Phase.AUTOENCODER ? null : quantiser.quantise(latent, x);
                        Mlp.Pass decoded = decoder.forward(quantised == null ? latent : quantised.latent());
                        NDList loss = reconstructionLoss.run(decoded.output(), inputs.get(shard), x);
                        NDArray gradient =
                                decoding.run(shard, decoded, loss.get(1), tasks).orElseThrow();
                        if (quantised != null) {
                            // Straight through: what the decoder asks of the sum of entries, the latent gets.
                            gradient.addi(quantised.gradient());
                        }
                        encoding.run(shard, encoded, gradient, tasks);
                        return new LearnedPart(loss.get(0), quantised);
                    });
            NDArray reconstruction = BatchShards.sum(parts, LearnedPart::reconstruction, x.getManager());
            if (phase == Phase.AUTOENCODER) {
                return new BatchResult(reconstruction, reconstruction, null, null);
            }
            Quantised quantised = quantiser.join(
                    parts.stream().map(LearnedPart::quantised).toList(), x.getManager(), phase == Phase.FULL);
            NDArray total = reconstruction.add(quantised.loss().mul((float) quantLossWeight));
            return new BatchResult(total, reconstruction, quantised.loss(), quantised);
        }
    }

    /**
     * The result of one shard.
     *
     * @param reconstruction what its rows add to the reconstruction loss, no dimensions
     * @param quantised its rows; {@code null} when nothing was quantised
     */
    private record LearnedPart(NDArray reconstruction, Quantiser.Part quantised) {}

    /**
     * Does something that treats each row by itself with ranges of rows, at the same time where that is faster.
     *
     * @param rows rows in all
     * @param most rows in hand at a time, except that each of many threads has as many as are worth its while
     * @param action gets where a range begins and where it ends, possibly in several threads at once
     * @return its results in the order of the rows
     */
    public <R> List<R> inRanges(int rows, int most, BiFunction<Integer, Integer, R> action) {
        return evaluationShards.inRanges(rows, most, action);
    }

    /** Latents in evaluation mode, [batch, eDim], of embeddings [batch, dim]. */
    public NDArray encode(NDArray x) {
        return encoder.evaluate(x);
    }

    /** Embeddings in evaluation mode, [batch, dim], of latents [batch, eDim]. */
    public NDArray decode(NDArray latent) {
        return decoder.evaluate(latent);
    }

    /**
     * The nearest codes of latents [batch, eDim].
     *
     * @return int64 [batch], one array per level, then the sum of their entries, [batch, eDim]
     */
    public List<NDArray> nearest(NDArray latent) {
        return quantiser.nearest(latent);
    }

    /** What the network consists of. */
    public NetworkConfig config() {
        return config;
    }

    /** The network's weights. */
    public Weights weights() {
        return weights;
    }
}
