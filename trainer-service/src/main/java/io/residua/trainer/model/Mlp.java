package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residua.common.network.DenseLayer;
import io.residua.trainer.model.WeightGradients.Slopes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stack of dense layers: dropout, linear, then, but for the last layer, batch normalisation if any and ReLU. Passes are
 * scripts. The backward pass is written out, not recorded: it puts gradients of weights where the optimiser reads them,
 * and takes for each product the fastest kernel.
 */
final class Mlp {
    private final List<DenseLayer> layers;
    private final Weights weights;
    private final MlpScripts scripts;
    private final TorchScript evaluation;
    private final TorchScript forward;
    private final TorchScript backward;
    /** By the number of parts of the batch. */
    private final Map<Integer, WeightGradients> weightGradients = new HashMap<>();

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
        this.scripts = new MlpScripts(layers, dropout, oneDnn);
        String input = "h: Tensor, w: List[Tensor]";
        this.evaluation = new TorchScript(weights.manager(), input, scripts.evaluation());
        this.forward = new TorchScript(weights.manager(), input, scripts.forward());
        this.backward = new TorchScript(
                weights.manager(),
                "g: Tensor, w: List[Tensor], k: List[Tensor], d: List[Tensor]",
                scripts.backward(toInput));
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

    /** Begins the backward pass of a batch in so many parts. */
    Backward backward(int parts) {
        return new Backward(
                weightGradients.computeIfAbsent(parts, count -> new WeightGradients(scripts.layers(), weights, count)),
                parts);
    }

    /**
     * The backward pass of a batch, which can go through its parts at the same time. When it has been through all of
     * them, the gradients of the weights follow, in tasks that can run in any order and at the same time too. They are
     * put where the optimiser reads them.
     */
    final class Backward {
        private final WeightGradients gradients;
        private final Slopes[] slopes;
        private final AtomicInteger missing;

        private Backward(WeightGradients gradients, int parts) {
            this.gradients = gradients;
            this.slopes = new Slopes[parts];
            this.missing = new AtomicInteger(parts);
        }

        /**
         * Goes back through the layers with a part.
         *
         * @param part from 0
         * @param gradient of the part's output, [rows, out]; it may be overwritten, and must stay as it is until the tasks
         *     are done
         * @param tasks gets those for the gradients of the weights with the last of the parts
         * @return gradient of the part's input, [rows, in], if the stack was asked to go on to there
         */
        Optional<NDArray> run(int part, Pass pass, NDArray gradient, Executor tasks) {
            NDList found = backward.run(gradient, inOrder(), pass.kept, gradients());
            int count = layers.size();
            slopes[part] = new Slopes(pass.kept, found.subList(0, count));
            if (missing.decrementAndGet() == 0) {
                gradients.tasks(List.of(slopes)).forEach(tasks::execute);
            }
            return found.stream().skip(count).findFirst();
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
