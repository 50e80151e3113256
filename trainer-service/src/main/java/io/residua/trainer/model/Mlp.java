package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.residua.common.network.DenseLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stack of dense layers: dropout, linear, then, but for the last layer, batch normalisation if any and ReLU. Each pass
 * is one script. The backward pass is written out, not recorded: it puts gradients of weights where the optimiser reads
 * them, and takes for each product the fastest kernel.
 */
final class Mlp {
    private final List<DenseLayer> layers;
    private final Weights weights;
    private final TorchScript evaluation;
    private final TorchScript forward;
    private final TorchScript backward;
    private final TorchScript sum;
    /** By lane, each in the order of the scripts. The first lane's are those that the optimiser reads. */
    private final List<NDList> gradients = new ArrayList<>();

    /**
     * A stack over weights.
     *
     * @param dropout probability with which inputs of linear layers are zeroed in training
     * @param toInput whether the backward pass goes on to the input
     */
    Mlp(List<DenseLayer> layers, Weights weights, double dropout, boolean toInput) {
        this(layers, weights, dropout, toInput, hasOneDnn(weights.manager()));
    }

    /** A stack with oneDNN's products or without. */
    Mlp(List<DenseLayer> layers, Weights weights, double dropout, boolean toInput, boolean oneDnn) {
        this.layers = layers;
        this.weights = weights;
        gradients.add(gradients());
        MlpScripts scripts = new MlpScripts(layers, dropout, oneDnn);
        String input = "h: Tensor, w: List[Tensor]";
        this.evaluation = new TorchScript(weights.manager(), input, scripts.evaluation());
        this.forward = new TorchScript(weights.manager(), input, scripts.forward());
        this.backward = new TorchScript(
                weights.manager(),
                "g: Tensor, w: List[Tensor], k: List[Tensor], d: List[Tensor]",
                scripts.backward(toInput));
        this.sum = new TorchScript(
                weights.manager(),
                "first: List[Tensor], second: List[Tensor]",
                "torch._foreach_add_(first, second)\nreturn annotate(List[Tensor], [])\n");
    }

    /** Whether oneDNN's products can be had on the device. */
    static boolean hasOneDnn(NDManager manager) {
        return !manager.getDevice().isGpu() && TorchScript.compiles(manager, "h: Tensor", MlpScripts.probe());
    }

    /**
     * A forward pass in training mode.
     *
     * @param output [batch, out]
     * @param kept what the backward pass needs
     */
    record Pass(NDArray output, NDList kept) {}

    /** Applies the stack to x, [batch, in], in evaluation mode: nothing is dropped, running figures normalise. */
    NDArray evaluate(NDArray x) {
        return evaluation.run(x, inOrder()).singletonOrThrow();
    }

    /** Applies the stack to x, [batch, in], in training mode: inputs are dropped, the batch's figures normalise. */
    Pass forward(NDArray x) {
        NDList kept = forward.run(x, inOrder());
        return new Pass(kept.get(kept.size() - 1), kept);
    }

    /** Makes room for the gradients of so many passes at a time. */
    void prepareLanes(int lanes) {
        while (gradients.size() < lanes) {
            NDList more =
                    new NDList(gradients.get(0).stream().map(NDArray::zerosLike).toList());
            // They live as long as the weights, whatever scope is open now.
            NDScope.unregister(more);
            gradients.add(more);
        }
    }

    /**
     * Replaces a lane's gradients of the weights by those of a pass. Passes in different lanes can run at the same time.
     *
     * @param gradient of its output, [batch, out]; it may be overwritten
     * @param lane from 0; the first one's gradients are the weights', for others {@link #prepareLanes} has made room
     * @return of its input, [batch, in], if this stack was asked to go on to there
     */
    Optional<NDArray> backward(Pass pass, NDArray gradient, int lane) {
        return backward.run(gradient, inOrder(), pass.kept, gradients.get(lane)).stream()
                .findFirst();
    }

    /** Adds the gradients of the other lanes, as many as ran, to the weights'. */
    void sumLanes(int lanes) {
        for (int lane = 1; lane < lanes; lane++) {
            sum.run(gradients.get(0), gradients.get(lane));
        }
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

    private NDList gradients() {
        NDList list = new NDList();
        for (DenseLayer layer : layers) {
            list.add(weights.gradient(layer.weight()));
            list.add(weights.gradient(layer.bias()));
            if (layer.norm() != null) {
                list.add(weights.gradient(layer.scale()));
                list.add(weights.gradient(layer.shift()));
            }
        }
        return list;
    }
}
