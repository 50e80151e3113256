package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.residua.common.network.DenseLayer;
import io.residua.trainer.model.MlpScripts.Slots;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The gradients of a stack's weights and biases, summed over the parts of a batch. They depend only on the backward
 * pass, and only the optimiser depends on them, so idle threads can compute them while other shards are still busy. The
 * order of the sums does not depend on which thread computes them.
 */
final class WeightGradients {
    /** Minimum number of outputs per share. Matrix products of fewer outputs are less efficient. */
    private static final int MIN_OUTPUTS = 512;

    private final Weights weights;
    /** Largest share first, so that small shares balance the load at the end. */
    private final List<Share> shares = new ArrayList<>();

    /**
     * Gradients of batches that are split into this many parts.
     *
     * @param layers first to last
     */
    WeightGradients(List<Slots> layers, Weights weights, int parts) {
        this.weights = weights;
        for (int layer = 0; layer < layers.size(); layer++) {
            Slots at = layers.get(layer);
            int out = at.layer().out();
            int count = Math.max(1, Math.min(out / MIN_OUTPUTS, parts));
            for (int i = 0; i < count; i++) {
                shares.add(new Share(at, layers.size() - 1 - layer, out * i / count, out * (i + 1) / count, parts));
            }
        }
        shares.sort(Comparator.comparing(Share::size).reversed());
    }

    /**
     * What is left of a part of a batch when a pass has gone back through the layers.
     *
     * @param kept of the forward pass
     * @param outputs gradients of the linear layers' outputs, the last layer's first
     */
    record Slopes(NDList kept, List<NDArray> outputs) {}

    /** Tasks that together put the gradients where the optimiser reads them, in any order, also at the same time. */
    List<Runnable> tasks(List<Slopes> parts) {
        return shares.stream().<Runnable>map(share -> () -> share.run(parts)).toList();
    }

    /** Some rows of a layer's weight, with their biases. */
    private final class Share {
        private final Slots at;
        private final int fromLast;
        private final int rows;
        private final TorchScript script;

        Share(Slots at, int fromLast, int from, int to, int parts) {
            this.at = at;
            this.fromLast = fromLast;
            this.rows = to - from;
            String parameters = "g: List[Tensor], k: List[Tensor], d: List[Tensor]";
            this.script = new TorchScript(weights.manager(), parameters, MlpScripts.weightGradients(from, to, parts));
        }

        long size() {
            return (long) rows * at.layer().in();
        }

        void run(List<Slopes> parts) {
            NDList slopes = new NDList();
            NDList inputs = new NDList();
            for (Slopes part : parts) {
                slopes.add(part.outputs.get(fromLast));
                inputs.add(part.kept.get(at.k()));
            }
            DenseLayer layer = at.layer();
            script.run(slopes, inputs, new NDList(weights.gradient(layer.weight()), weights.gradient(layer.bias())));
        }
    }
}
