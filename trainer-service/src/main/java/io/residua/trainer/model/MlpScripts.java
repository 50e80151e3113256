package io.residua.trainer.model;

import io.residua.common.network.DenseLayer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the passes of a stack of dense layers in TorchScript. They take lists of arrays, in which each layer has slots
 * of its own: {@code w} of weights, {@code d} of gradients, and {@code k} of what the forward pass keeps for the backward
 * pass.
 */
final class MlpScripts {
    /** An input times the transpose of a weight, plus a bias, then a function of each element, by oneDNN. */
    private static final String ONE_DNN =
            "ops.mkldnn._linear_pointwise(%s, %s, %s, \"%s\", annotate(List[Optional[number]], []), \"\")";

    private final List<Slots> layers = new ArrayList<>();
    private final double dropout;
    private final boolean oneDnn;

    /**
     * Scripts of a stack.
     *
     * @param dropout probability with which inputs of linear layers are zeroed in training
     * @param oneDnn whether to use oneDNN's products where they are faster
     */
    MlpScripts(List<DenseLayer> stack, double dropout, boolean oneDnn) {
        this.dropout = dropout;
        this.oneDnn = oneDnn;
        int w = 0;
        int d = 0;
        int k = 0;
        for (DenseLayer layer : stack) {
            boolean norm = layer.norm() != null;
            int end = k + 1 + (dropout > 0 ? 1 : 0) + (norm ? 3 : 0);
            layers.add(new Slots(layer, w, d, k, end));
            w += norm ? 7 : 2;
            d += norm ? 4 : 2;
            k = end;
        }
    }

    /**
     * Where a layer's arrays are. From {@code w} on: weight, bias, then scale, shift, running mean, running variance and
     * count of batches; from {@code d} on: gradients of weight, bias, scale and shift; from {@code k} on: the linear part's
     * input, the mask if there is dropout, then with batch normalisation, up to {@code end}, the linear part's output and
     * the batch's mean and inverse deviation. At {@code end} is what the next layer gets, or the output of the stack.
     */
    record Slots(DenseLayer layer, int w, int d, int k, int end) {
        boolean norm() {
            return layer.norm() != null;
        }
    }

    /** The layers, first to last. */
    List<Slots> layers() {
        return layers;
    }

    /** A script that uses oneDNN, to see whether the engine has it. */
    static String probe() {
        return "return [" + ONE_DNN.formatted("h", "h", "None", "relu") + "]\n";
    }

    /** From {@code h} and {@code w} to the output, in evaluation mode. */
    String evaluation() {
        StringBuilder body = new StringBuilder();
        for (Slots at : layers) {
            body.append(linear(at));
            if (at.norm()) {
                body.append("h = torch.batch_norm(h, %s, False, 0.1, %s, False)\n"
                        .formatted(norm(at), DenseLayer.NORM_EPSILON));
            }
            body.append(relu(at));
        }
        return body + "return [h]\n";
    }

    /** From {@code h} and {@code w} to what is kept, and last the output, in training mode. */
    String forward() {
        StringBuilder body = new StringBuilder("k = annotate(List[Tensor], [])\n");
        for (Slots at : layers) {
            if (dropout > 0) {
                body.append("h, mask = torch.native_dropout(h, %s, True)\n".formatted(dropout));
                body.append(keep("h")).append(keep("mask"));
            } else {
                body.append(keep("h"));
            }
            body.append(linear(at));
            if (at.norm()) {
                body.append(keep("h")).append("_ = torch.add_(w[%s], 1)\n".formatted(at.w + 6));
                body.append("h, mean, inverse = torch.native_batch_norm(h, %s, True, 0.1, %s)\n"
                        .formatted(norm(at), DenseLayer.NORM_EPSILON));
                body.append(keep("mean")).append(keep("inverse"));
            }
            body.append(relu(at));
        }
        return body + keep("h") + "return k\n";
    }

    /**
     * From the output's gradient {@code g}, which it may overwrite, with {@code w} and {@code k} to the gradients of the
     * linear parts' outputs, the last layer's first. Of the gradients {@code d} it writes those of batch normalisations.
     *
     * @param toInput whether it returns the input's gradient at the end
     */
    String backward(boolean toInput) {
        StringBuilder body = new StringBuilder("s = annotate(List[Tensor], [])\n");
        for (int i = layers.size() - 1; i >= 0; i--) {
            Slots at = layers.get(i);
            if (at.layer.activated()) {
                // What the next layer got is above 0 where the ReLU's output was, or was dropped: there g is 0.
                body.append("g = torch.threshold_backward(g, k[%s], 0, grad_input=g)\n".formatted(at.end));
            }
            if (at.norm()) {
                body.append(normBackward(at));
            }
            body.append("_ = torch.append(s, g)\n");
            if (i > 0 || toInput) {
                body.append(linearBackward(at));
            }
        }
        return body + (toInput ? "_ = torch.append(s, g)\n" : "") + "return s\n";
    }

    /**
     * Some of the gradients {@code d} of one layer, its weight's and its bias's, from the gradients {@code g} of the linear
     * layer's outputs and its inputs {@code k}, one of each per part of the batch.
     *
     * @param from the first of the outputs whose weights' gradients it writes
     * @param to where they end
     */
    static String weightGradients(int from, int to, int parts) {
        String range = ", %s, %s)\n".formatted(from, to - from);
        StringBuilder body =
                new StringBuilder("dw = torch.narrow(d[0], 0" + range + "db = torch.narrow(d[1], 0" + range);
        body.append("p = torch.narrow(g[0], 1").append(range);
        body.append("_ = torch.mm(torch.t(p), k[0], out=dw)\n_ = torch.sum(p, [0], False, dtype=None, out=db)\n");
        for (int part = 1; part < parts; part++) {
            body.append("p = torch.narrow(g[%s], 1".formatted(part)).append(range);
            body.append("_ = torch.addmm_(dw, torch.t(p), k[%s])\n".formatted(part));
            body.append("_ = torch.add_(db, torch.sum(p, [0]))\n");
        }
        return body + "return annotate(List[Tensor], [])\n";
    }

    private String linear(Slots at) {
        String weight = "w[" + at.w + "]";
        String bias = "w[" + (at.w + 1) + "]";
        return "h = "
                + (oneDnn
                        ? ONE_DNN.formatted("h", weight, bias, fused(at) ? "relu" : "none")
                        : "torch.addmm(%s, h, torch.t(%s))".formatted(bias, weight))
                + "\n";
    }

    private String linearBackward(Slots at) {
        String weight = "w[" + at.w + "]";
        String product = oneDnn
                ? ONE_DNN.formatted("g", "torch.t(" + weight + ")", "None", "none")
                : "torch.mm(g, " + weight + ")";
        String dropped = dropout > 0
                ? "g = torch.native_dropout_backward(g, k[%s], %s)\n".formatted(at.k + 1, 1 / (1 - dropout))
                : "";
        return "g = " + product + "\n" + dropped;
    }

    private static String normBackward(Slots at) {
        String saved =
                "w[%s], w[%s], w[%s], k[%s], k[%s]".formatted(at.w + 2, at.w + 4, at.w + 5, at.end - 2, at.end - 1);
        return "g, scale, shift = torch.native_batch_norm_backward(g, k[%s], %s, True, %s, [True, True, True])\n"
                        .formatted(at.end - 3, saved, DenseLayer.NORM_EPSILON)
                + "_ = torch.copy_(d[%s], scale)\n_ = torch.copy_(d[%s], shift)\n".formatted(at.d + 2, at.d + 3);
    }

    private static String norm(Slots at) {
        return "w[%s], w[%s], w[%s], w[%s]".formatted(at.w + 2, at.w + 3, at.w + 4, at.w + 5);
    }

    private String relu(Slots at) {
        return at.layer.activated() && !fused(at) ? "h = torch.relu_(h)\n" : "";
    }

    /**
     * Whether oneDNN's product has the ReLU in it, which saves a pass over memory. NaN becomes 0 there, so a loss may not
     * show it: see {@link Weights#areFinite}.
     */
    private boolean fused(Slots at) {
        return oneDnn && at.layer.activated() && !at.norm();
    }

    private static String keep(String array) {
        return "_ = torch.append(k, " + array + ")\n";
    }
}
