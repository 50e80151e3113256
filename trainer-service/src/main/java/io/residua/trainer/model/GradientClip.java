package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;

/** Clipping by the global norm, computed on the device: nothing waits for the result. */
public final class GradientClip {
    private GradientClip() {}

    /**
     * The Euclidean norm of all gradients together.
     *
     * @param names the parameters
     * @return no dimensions
     */
    public static NDArray globalNorm(Weights weights, List<String> names) {
        NDList norms = new NDList(names.size());
        for (String name : names) {
            norms.add(weights.gradient(name).norm(false));
        }
        return NDArrays.stack(norms).norm(false);
    }

    /** The factor that brings gradients of norm {@code norm} to at most {@code limit}: min(1, limit / (norm + 1e-6)). */
    public static NDArray factor(NDArray norm, float limit) {
        return norm.add(1e-6f).pow(-1).muli(limit).minimum(1f);
    }
}
