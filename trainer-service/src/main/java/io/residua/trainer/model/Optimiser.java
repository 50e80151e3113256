package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/** Moves parameters along their gradients. All its state is arrays, so that it can be kept and put back. */
public interface Optimiser {
    /** Longest global norm that gradients keep. */
    double MAX_NORM = 1.0;

    /**
     * Brings the gradients to a global norm of at most {@link #MAX_NORM}, g ← g · min(1, limit / (norm + 1e-6)), moves the
     * parameters by one step, and zeroes the gradients. Nothing of it waits for the device.
     *
     * @param names which parameters; the others stay as they are
     * @param learningRate step size
     */
    void step(List<String> names, double learningRate);

    /** The state's arrays by name, as long as this optimiser lives. */
    Map<String, NDArray> state();
}
