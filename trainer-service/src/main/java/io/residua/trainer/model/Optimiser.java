package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/** Moves parameters along their gradients. Its state is its owner's to keep: it can be taken out and put back. */
public interface Optimiser {
    /**
     * Moves the named parameters by one step.
     *
     * @param names which parameters; the others stay as they are
     * @param scale factor of all gradients, no dimensions, on the device
     * @param learningRate step size
     */
    void step(List<String> names, NDArray scale, double learningRate);

    /** The state's arrays by name, as long as this optimiser lives. */
    Map<String, NDArray> state();

    /** How often each parameter has been moved. */
    Map<String, Long> steps();

    /** Puts back what {@link #steps()} said. */
    void restoreSteps(Map<String, Long> steps);
}
