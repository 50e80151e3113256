package io.residua.trainer.model;

import static java.util.Objects.requireNonNull;

/**
 * The learning rate of each optimiser step.
 *
 * @param kind what happens after the warm-up
 * @param base the highest rate
 * @param warmupSteps steps in which it rises linearly from 0
 * @param totalSteps steps in all; a linear schedule reaches 0 there
 */
public record LearningRate(Kind kind, double base, long warmupSteps, long totalSteps) {
    public LearningRate {
        requireNonNull(kind, "kind is null");
        if (!(base > 0)) {
            throw new IllegalArgumentException("lr is " + base + ", expected above 0");
        }
    }

    /** What happens after the warm-up. */
    public enum Kind {
        CONSTANT,
        LINEAR
    }

    /** The rate of step {@code step}, counted from 0. */
    public double at(long step) {
        if (step < warmupSteps) {
            return base * step / Math.max(1, warmupSteps);
        }
        if (kind == Kind.CONSTANT) {
            return base;
        }
        return base * Math.max(0, totalSteps - step) / Math.max(1, totalSteps - warmupSteps);
    }
}
