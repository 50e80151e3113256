package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.residua.trainer.model.RqVae.BatchResult;
import io.residua.trainer.model.RqVae.Phase;
import java.util.List;
import java.util.function.Consumer;

/** One step of gradient descent: forward, backward, clipping by the global norm, optimiser. It leaves no array behind. */
public final class TrainingStep {
    private final RqVae model;
    private final Optimiser optimiser;

    public TrainingStep(RqVae model, Optimiser optimiser) {
        this.model = model;
        this.optimiser = optimiser;
    }

    /**
     * Runs the step.
     *
     * @param x embeddings, [batch, dim]
     * @param observer sees the result, and may keep what it needs of it, before its arrays go; the parameters have
     *     moved by then
     */
    public void run(NDArray x, Phase phase, double learningRate, Consumer<BatchResult> observer) {
        try (NDScope scope = new NDScope()) {
            BatchResult result = model.learn(x, phase);
            optimiser.step(trained(phase), learningRate);
            observer.accept(result);
        }
    }

    /** The parameters that gradients move in a phase. */
    private List<String> trained(Phase phase) {
        List<String> all = model.weights().parameters();
        return phase == Phase.FULL
                ? all
                : all.stream().filter(name -> !name.startsWith("rq.")).toList();
    }
}
