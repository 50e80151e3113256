package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import io.residua.common.network.DenseLayer;
import java.util.List;

/** A stack of dense layers: dropout, linear, then, but for the last layer, batch normalisation if any and ReLU. */
final class Mlp {
    /** What a running figure keeps of itself at each step; PyTorch's momentum is what it gives up, 0.1. */
    private static final float NORM_KEEP = 0.9f;

    private final List<DenseLayer> layers;
    private final Weights weights;
    private final float dropout;

    Mlp(List<DenseLayer> layers, Weights weights, double dropout) {
        this.layers = layers;
        this.weights = weights;
        this.dropout = (float) dropout;
    }

    /**
     * Applies the stack.
     *
     * @param x [batch, in]
     * @param training whether to drop inputs and to normalise by the batch instead of the running figures
     * @return [batch, out]
     */
    NDArray forward(NDArray x, boolean training) {
        NDArray h = x;
        for (DenseLayer layer : layers) {
            if (training && dropout > 0) {
                h = Dropout.dropout(h, dropout, true).singletonOrThrow();
            }
            h = Linear.linear(h, weights.get(layer.weight()), weights.get(layer.bias()))
                    .singletonOrThrow();
            if (layer.norm() != null) {
                h = normalise(h, layer, training);
            }
            if (layer.activated()) {
                h = Activation.relu(h);
            }
        }
        return h;
    }

    private NDArray normalise(NDArray h, DenseLayer layer, boolean training) {
        if (training) {
            weights.get(layer.batchesTracked()).addi(1);
        }
        return BatchNorm.batchNorm(
                        h,
                        weights.get(layer.runningMean()),
                        weights.get(layer.runningVariance()),
                        weights.get(layer.scale()),
                        weights.get(layer.shift()),
                        1,
                        NORM_KEEP,
                        (float) DenseLayer.NORM_EPSILON,
                        training)
                .singletonOrThrow();
    }
}
