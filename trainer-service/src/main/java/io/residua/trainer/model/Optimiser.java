package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Moves parameters along their gradients, in one script on PyTorch's fused and multi-tensor kernels. All its state is
 * arrays, so that it can be kept and put back.
 */
public final class Optimiser {
    /** Longest global norm that gradients keep. */
    static final double MAX_NORM = 1.0;

    private static final String CLIP = """
            norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)))
            scale = torch.clamp(torch.div(torch.add(norm, 1e-06), %s), 1.0)
            """.formatted(MAX_NORM);

    private final Weights weights;
    private final NDManager manager;
    private final TorchScript script;
    private final Map<String, Map<String, NDArray>> state = new LinkedHashMap<>();

    /**
     * An optimiser at its start.
     *
     * @param weightDecay decay of every parameter, biases and codebooks too
     */
    public Optimiser(OptimizerType learner, Weights weights, double weightDecay, NDManager manager) {
        this.weights = weights;
        this.manager = manager;
        List<String> lists = new ArrayList<>(List.of("params", "grads"));
        lists.addAll(learner.state());
        String parameters = String.join(": List[Tensor], ", lists) + ": List[Tensor], lr: Tensor";
        this.script = new TorchScript(manager, parameters, CLIP + learner.update(weightDecay) + "return [norm]\n");
        for (String kind : learner.state()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            for (String name : weights.parameters()) {
                boolean perParameter = kind.equals("step");
                arrays.put(
                        name,
                        manager.zeros(
                                perParameter ? new Shape() : weights.get(name).getShape()));
            }
            state.put(kind, arrays);
        }
    }

    /**
     * Brings the gradients to a global norm of at most 1, g ← g / max(1, norm + 1e-6), and moves the parameters by one
     * step. The gradients are used up. Nothing of it waits for the device.
     *
     * @param names which parameters; the others stay as they are
     * @param learningRate step size
     */
    public void step(List<String> names, double learningRate) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(list(names, weights::get));
        arguments.add(list(names, weights::gradient));
        state.values().forEach(arrays -> arguments.add(list(names, arrays::get)));
        try (NDArray rate = manager.create((float) learningRate)) {
            arguments.add(rate);
            script.run(arguments.toArray()).close();
        }
    }

    private static NDList list(List<String> names, Function<String, NDArray> arrays) {
        NDList list = new NDList(names.size());
        names.forEach(name -> list.add(arrays.apply(name)));
        return list;
    }

    /** The state's arrays by name, as long as this optimiser lives. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> all = new LinkedHashMap<>();
        state.forEach((kind, arrays) -> arrays.forEach((name, array) -> all.put(name + "." + kind, array)));
        return all;
    }
}
