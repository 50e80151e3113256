package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.List;

/**
 * The residual-quantised variational autoencoder. Its passes leave arrays behind: callers run them inside an
 * {@code NDScope}.
 */
public final class RqVae {
    private static final String MEAN_SQUARED_ERROR = """
            loss = torch.mse_loss(output, target)
            return [loss, torch.mse_loss_backward(torch.ones_like(loss), output, target, 1)]
            """;
    private static final String MEAN_ABSOLUTE_ERROR = """
            sign = torch.sgn(torch.sub(output, target))
            return [torch.l1_loss(output, target), torch.div_(sign, torch.numel(sign))]
            """;

    private final NetworkConfig config;
    private final Weights weights;
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
        this.encoder = new Mlp(config.encoder(), weights, dropout, false);
        this.decoder = new Mlp(config.decoder(), weights, dropout, true);
        this.quantiser = new Quantiser(weights, config.levels(), loss);
        this.reconstructionLoss = new TorchScript(
                weights.manager(),
                "output: Tensor, target: Tensor",
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
     * @param output the decoder's, [batch, dim]
     * @param quantised the quantiser's; {@code null} when nothing was quantised
     */
    public record BatchResult(
            NDArray total, NDArray reconstruction, NDArray quantisation, NDArray output, Quantised quantised) {}

    /**
     * Forward and backward pass in training mode. The gradients of the weights that take part are those of this batch
     * then.
     *
     * @param x embeddings, [batch, dim]
     */
    public BatchResult learn(NDArray x, Phase phase) {
        Mlp.Pass encoded = encoder.forward(x);
        Quantised quantised =
                phase == Phase.AUTOENCODER ? null : quantiser.quantise(encoded.output(), phase == Phase.FULL);
        Mlp.Pass decoded = decoder.forward(quantised == null ? encoded.output() : quantised.latent());
        NDList loss = reconstructionLoss.run(decoded.output(), x);
        NDArray reconstruction = loss.get(0);
        NDArray gradient = decoder.backward(decoded, loss.get(1)).orElseThrow();
        if (quantised == null) {
            encoder.backward(encoded, gradient);
            return new BatchResult(reconstruction, reconstruction, null, decoded.output(), null);
        }
        // Straight through: what the decoder asks of the sum of entries goes to the latent as it is.
        encoder.backward(encoded, gradient.addi(quantised.gradient()));
        NDArray total = reconstruction.add(quantised.loss().mul((float) quantLossWeight));
        return new BatchResult(total, reconstruction, quantised.loss(), decoded.output(), quantised);
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
