package io.residua.trainer.model;

import static java.util.Objects.requireNonNull;

import io.residua.common.artifact.ModelManifest.ModelShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the network consists of.
 *
 * @param shape widths and codebook sizes
 * @param batchNorm whether a batch normalisation follows every linear layer but each MLP's last
 * @param dropout probability with which inputs of linear layers are zeroed in training, 0 to below 1
 */
public record NetworkConfig(ModelShape shape, boolean batchNorm, double dropout) {
    public NetworkConfig {
        requireNonNull(shape, "shape is null");
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", expected 0 to below 1");
        }
    }

    /** Number of codebooks. */
    public int levels() {
        return shape.levels();
    }

    /** Widths from the embedding to the latent, both included. */
    List<Integer> encoderWidths() {
        List<Integer> widths = new ArrayList<>();
        widths.add(shape.dim());
        widths.addAll(shape.layers());
        widths.add(shape.eDim());
        return widths;
    }

    /** Widths from the latent to the embedding: the encoder's, mirrored. */
    List<Integer> decoderWidths() {
        List<Integer> widths = new ArrayList<>(encoderWidths());
        Collections.reverse(widths);
        return widths;
    }

    /** The encoder's layers. */
    public List<DenseLayer> encoder() {
        return DenseLayer.stack("encoder", encoderWidths(), batchNorm);
    }

    /** The decoder's layers. */
    public List<DenseLayer> decoder() {
        return DenseLayer.stack("decoder", decoderWidths(), batchNorm);
    }

    /** Name of a level's codebook among the weights. */
    public static String codebook(int level) {
        return "rq.vq_layers." + level + ".embedding.weight";
    }
}
