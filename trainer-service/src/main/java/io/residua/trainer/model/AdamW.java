package io.residua.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019) in PyTorch's form: with bias corrections c₁ = 1 − β₁ᵗ and
 * c₂ = 1 − β₂ᵗ, p ← p·(1 − lr·decay) − lr/c₁ · m / (√v/√c₂ + 1e-8). The decay applies to every parameter, biases and
 * codebooks too.
 */
public final class AdamW implements Optimiser {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    private final Weights weights;
    private final double weightDecay;
    private final Map<String, NDArray> first = new LinkedHashMap<>();
    private final Map<String, NDArray> second = new LinkedHashMap<>();
    private final Map<String, Long> steps = new LinkedHashMap<>();

    public AdamW(Weights weights, double weightDecay, NDManager manager) {
        this.weights = weights;
        this.weightDecay = weightDecay;
        for (String name : weights.parameters()) {
            first.put(name, manager.zeros(weights.get(name).getShape()));
            second.put(name, manager.zeros(weights.get(name).getShape()));
            steps.put(name, 0L);
        }
    }

    @Override
    public void step(List<String> names, NDArray scale, double learningRate) {
        for (String name : names) {
            try (NDScope scope = new NDScope()) {
                step(name, scale, learningRate);
            }
        }
    }

    private void step(String name, NDArray scale, double learningRate) {
        long t = steps.merge(name, 1L, Long::sum);
        double correction1 = 1 - Math.pow(BETA1, t);
        double correction2 = 1 - Math.pow(BETA2, t);
        NDArray p = weights.detached(name);
        NDArray m = first.get(name);
        NDArray v = second.get(name);
        NDArray g = weights.gradient(name).muli(scale);
        p.muli(1 - learningRate * weightDecay);
        m.muli(BETA1).addi(g.mul(1 - BETA1));
        v.muli(BETA2).addi(g.square().muli(1 - BETA2));
        NDArray denominator = v.sqrt().divi(Math.sqrt(correction2)).addi(EPSILON);
        p.subi(m.div(denominator).muli(learningRate / correction1));
    }

    @Override
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        first.forEach((name, array) -> state.put(name + ".exp_avg", array));
        second.forEach((name, array) -> state.put(name + ".exp_avg_sq", array));
        return state;
    }

    @Override
    public Map<String, Long> steps() {
        return Collections.unmodifiableMap(steps);
    }

    @Override
    public void restoreSteps(Map<String, Long> counts) {
        counts.forEach((name, count) -> {
            if (steps.replace(name, count) == null) {
                throw new IllegalArgumentException("there is no parameter " + name);
            }
        });
    }
}
