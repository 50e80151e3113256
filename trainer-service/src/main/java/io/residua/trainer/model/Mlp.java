package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residua.common.network.DenseLayer;
import java.util.List;

/**
 * A stack of dense layers: dropout, linear, then, but for the last layer, batch normalisation if any and ReLU. It is one
 * script, whose ReLU overwrites its input: one pass over memory less.
 */
final class Mlp {
    private final List<DenseLayer> layers;
    private final Weights weights;
    private final TorchScript training;
    private final TorchScript evaluation;

    /**
     * A stack over weights.
     *
     * @param dropout probability with which inputs of linear layers are zeroed in training
     */
    Mlp(List<DenseLayer> layers, Weights weights, double dropout) {
        this.layers = layers;
        this.weights = weights;
        this.training = script(dropout, true);
        this.evaluation = script(0, false);
    }

    private TorchScript script(double dropout, boolean training) {
        StringBuilder body = new StringBuilder();
        int at = 0;
        for (DenseLayer layer : layers) {
            if (dropout > 0) {
                body.append("h = torch.dropout(h, %s, True)\n".formatted(dropout));
            }
            body.append("h = torch.addmm(w[%s], h, torch.t(w[%s]))\n".formatted(at + 1, at));
            at += 2;
            if (layer.norm() != null) {
                body.append(normalise(at, training));
                at += 5;
            }
            if (layer.activated()) {
                body.append("h = torch.relu_(h)\n");
            }
        }
        return new TorchScript(weights.manager(), "h: Tensor, w: List[Tensor]", body + "return h\n");
    }

    /** Batch normalisation by five weights from number {@code at} on; PyTorch's momentum is 0.1. */
    private static String normalise(int at, boolean training) {
        String count = training ? "torch.add_(w[%s], 1)\n".formatted(at + 4) : "";
        return count
                + "h = torch.batch_norm(h, w[%s], w[%s], w[%s], w[%s], %s, 0.1, %s, False)\n"
                        .formatted(at, at + 1, at + 2, at + 3, training ? "True" : "False", DenseLayer.NORM_EPSILON);
    }

    /**
     * Applies the stack.
     *
     * @param x [batch, in]
     * @param training whether to drop inputs and to normalise by the batch instead of the running figures
     * @return [batch, out]
     */
    NDArray forward(NDArray x, boolean training) {
        return (training ? this.training : evaluation).run(x, inOrder());
    }

    private NDList inOrder() {
        NDList list = new NDList();
        for (DenseLayer layer : layers) {
            list.add(weights.get(layer.weight()));
            list.add(weights.get(layer.bias()));
            if (layer.norm() != null) {
                list.add(weights.get(layer.scale()));
                list.add(weights.get(layer.shift()));
                list.add(weights.get(layer.runningMean()));
                list.add(weights.get(layer.runningVariance()));
                list.add(weights.get(layer.batchesTracked()));
            }
        }
        return list;
    }
}
