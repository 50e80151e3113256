package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) in PyTorch's form, on PyTorch's fused kernel: with bias
 * corrections c₁ = 1 − β₁ᵗ and c₂ = 1 − β₂ᵗ, p ← p·(1 − lr·decay) − lr/c₁ · m / (√v/√c₂ + 1e-8). The decay applies to
 * every parameter, biases and codebooks too.
 */
public final class AdamW implements Optimiser {
    private static final String PARAMETERS = "params: List[Tensor], grads: List[Tensor], first: List[Tensor],"
            + " second: List[Tensor], steps: List[Tensor], lr: Tensor";
    private static final String BODY = """
            norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads, 2)))
            scale = torch.clamp(torch.div(torch.add(norm, 1e-06), %s), 1.0)
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(params, grads, first, second, [], steps, lr=lr, beta1=0.9, beta2=0.999, \
            weight_decay=%s, eps=1e-08, amsgrad=False, maximize=False, grad_scale=scale, found_inf=None)
            torch._foreach_zero_(grads)
            return norm
            """;

    private final Weights weights;
    private final NDManager manager;
    private final TorchScript script;
    private final Map<String, NDArray> first = new LinkedHashMap<>();
    private final Map<String, NDArray> second = new LinkedHashMap<>();
    private final Map<String, NDArray> steps = new LinkedHashMap<>();

    public AdamW(Weights weights, double weightDecay, NDManager manager) {
        this.weights = weights;
        this.manager = manager;
        this.script = new TorchScript(manager, PARAMETERS, BODY.formatted(MAX_NORM, weightDecay));
        for (String name : weights.parameters()) {
            Shape shape = weights.get(name).getShape();
            first.put(name, manager.zeros(shape));
            second.put(name, manager.zeros(shape));
            steps.put(name, manager.zeros(new Shape()));
        }
    }

    @Override
    public void step(List<String> names, double learningRate) {
        try (NDArray rate = manager.create((float) learningRate)) {
            script.run(
                    list(names, weights::detached),
                    list(names, weights::gradient),
                    list(names, first::get),
                    list(names, second::get),
                    list(names, steps::get),
                    rate);
        }
    }

    private static NDList list(List<String> names, Function<String, NDArray> arrays) {
        NDList list = new NDList(names.size());
        names.forEach(name -> list.add(arrays.apply(name)));
        return list;
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        first.forEach((name, array) -> state.put(name + ".exp_avg", array));
        second.forEach((name, array) -> state.put(name + ".exp_avg_sq", array));
        steps.forEach((name, array) -> state.put(name + ".step", array));
        return state;
    }
}
