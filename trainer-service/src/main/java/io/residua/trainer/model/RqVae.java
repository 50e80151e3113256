package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.List;

/**
 * The residual-quantised variational autoencoder. Its forward pass leaves arrays behind: callers run it inside an
 * {@code NDScope}.
 */
public final class RqVae {
    private final NetworkConfig config;
    private final Weights weights;
    private final Mlp encoder;
    private final Mlp decoder;
    private final Quantiser quantiser;
    private final NDArray quantLossWeight;
    private final TorchScript reconstructionLoss;

    /**
     * A network over weights.
     *
     * @param dropout probability with which inputs of linear layers are zeroed in training, 0 to below 1
     */
    public RqVae(NetworkConfig config, double dropout, Weights weights, LossConfig loss) {
        this.config = config;
        this.weights = weights;
        this.encoder = new Mlp(config.encoder(), weights, dropout);
        this.decoder = new Mlp(config.decoder(), weights, dropout);
        this.quantLossWeight = Torch.scalar(weights.manager(), loss.quantLossWeight());
        String mean = loss.reconstruction() == Reconstruction.L1 ? "l1_loss" : "mse_loss";
        this.reconstructionLoss = new TorchScript(
                weights.manager(), "output: Tensor, target: Tensor", "return torch." + mean + "(output, target)\n");
        this.quantiser = new Quantiser(weights, config.levels(), loss);
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
     * The outcome of a batch.
     *
     * @param total what to minimise, no dimensions
     * @param reconstruction its reconstruction part, no dimensions
     * @param quantisation mean of the levels' losses, no dimensions; {@code null} when nothing was quantised
     * @param output the decoder's, [batch, dim]
     * @param quantised the quantiser's; {@code null} when nothing was quantised
     */
    public record Forward(
            NDArray total, NDArray reconstruction, NDArray quantisation, NDArray output, Quantised quantised) {}

    /**
     * The forward pass in training mode.
     *
     * @param x embeddings, [batch, dim]
     */
    public Forward forward(NDArray x, Phase phase) {
        NDArray z = encoder.forward(x, true);
        if (phase == Phase.AUTOENCODER) {
            NDArray output = decoder.forward(z, true);
            NDArray reconstruction = reconstructionLoss.run(output, x);
            return new Forward(reconstruction, reconstruction, null, output, null);
        }
        Quantised quantised = quantiser.quantise(z, phase == Phase.FULL);
        NDArray output = decoder.forward(quantised.latent(), true);
        NDArray reconstruction = reconstructionLoss.run(output, x);
        NDArray quantisation = quantised.loss();
        NDArray total = reconstruction.add(quantisation.mul(quantLossWeight));
        return new Forward(total, reconstruction, quantisation, output, quantised);
    }

    /** Latents in evaluation mode, [batch, eDim], of embeddings [batch, dim]. */
    public NDArray encode(NDArray x) {
        return encoder.forward(x, false);
    }

    /** Embeddings in evaluation mode, [batch, dim], of latents [batch, eDim]. */
    public NDArray decode(NDArray latent) {
        return decoder.forward(latent, false);
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
