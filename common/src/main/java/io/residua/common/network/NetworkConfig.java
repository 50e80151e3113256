package io.residua.common.network;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.ModelManifest.ModelShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What the network consists of once it is trained: dropout, which only training knows, is no part of it.
 *
 * @param shape widths and codebook sizes
 * @param batchNorm whether a batch normalisation follows every linear layer but each MLP's last
 */
public record NetworkConfig(ModelShape shape, boolean batchNorm) {
    public NetworkConfig {
        requireNonNull(shape, "shape is null");
    }

    /** Number of codebooks. */
    public int levels() {
        return shape.levels();
    }

    /** Widths from the embedding to the latent, both included. */
    private List<Integer> encoderWidths() {
        List<Integer> widths = new ArrayList<>();
        widths.add(shape.dim());
        widths.addAll(shape.layers());
        widths.add(shape.eDim());
        return widths;
    }

    /** The encoder's layers. */
    public List<DenseLayer> encoder() {
        return DenseLayer.stack("encoder", encoderWidths(), batchNorm);
    }

    /** The decoder's layers: the encoder's widths, mirrored. */
    public List<DenseLayer> decoder() {
        List<Integer> widths = encoderWidths();
        Collections.reverse(widths);
        return DenseLayer.stack("decoder", widths, batchNorm);
    }

    /** Name of a level's codebook among the weights. */
    public static String codebook(int level) {
        return "rq.vq_layers." + level + ".embedding.weight";
    }
}
