package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.training.GradientCollector;
import io.residua.trainer.model.RqVae.Forward;
import io.residua.trainer.model.RqVae.Phase;
import java.util.List;
import java.util.function.Consumer;

/**
 * One step of gradient descent: forward, backward, clipping by the global norm, optimiser. It leaves no array behind.
 * There is one gradient collector per process, so no two steps run at once.
 */
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
     * @param observer sees the outcome, and may keep what it needs of it, before its arrays go; the parameters have
     *     moved by then
     */
    public void run(NDArray x, Phase phase, double learningRate, Consumer<Forward> observer) {
        try (NDScope scope = new NDScope()) {
            Forward forward = backward(x, phase);
            optimiser.step(trained(phase), learningRate);
            observer.accept(forward);
        }
    }

    /** Forward and backward only; adds this batch's gradients to the weights'. */
    Forward backward(NDArray x, Phase phase) {
        try (GradientCollector collector = x.getManager().getEngine().newGradientCollector()) {
            Forward forward = model.forward(x, phase);
            collector.backward(forward.total());
            return forward;
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
