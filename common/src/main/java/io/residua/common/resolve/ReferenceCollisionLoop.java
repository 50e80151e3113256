package io.residua.common.resolve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The collision loop that earlier indexes were made with, kept for parity with them: some rounds; in each, every
 * group of items with one and the same code, in order of first appearance, is one {@link ReferenceSinkhorn} batch on
 * the last level, and each item takes the entry where its share is largest, lowest index on ties. A group is rewritten
 * even where that collides with an item outside it, and identical items never separate: codes can still collide at
 * the end. {@link SinkhornResolver} has neither weakness.
 *
 * <p>Levels before the last keep their codes. All arithmetic on latents is in float32, as it was then.
 */
public final class ReferenceCollisionLoop {
    /** What ε = 0 stands for on the last level. */
    public static final double DEFAULT_EPSILON = 0.003;

    /** Sinkhorn iterations of the original's default configuration. */
    public static final int DEFAULT_ITERATIONS = 50;

    /** Most rounds of the original. */
    public static final int DEFAULT_ROUNDS = 20;

    private final float[] latents;
    private final float[][] codebooks;
    private final int dim;
    private final double epsilon;
    private final int iterations;

    /**
     * Binds the loop to a catalogue and a model; the arrays are not copied.
     *
     * @param latents row-major [items × dim]
     * @param dim floats per latent and per entry
     * @param codebooks per level, row-major [entries × dim]
     * @param epsilon of the last level, 0 for {@link #DEFAULT_EPSILON}
     * @param iterations of each Sinkhorn batch, at least 1
     */
    public ReferenceCollisionLoop(float[] latents, int dim, float[][] codebooks, double epsilon, int iterations) {
        if (dim < 1 || latents.length % dim != 0) {
            throw new IllegalArgumentException(
                    "latents has " + latents.length + " values, expected a multiple of dim = " + dim);
        }
        if (codebooks.length == 0) {
            throw new IllegalArgumentException("codebooks is empty, expected at least one level");
        }
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + ", expected >= 0");
        }
        this.latents = latents;
        this.dim = dim;
        this.codebooks = codebooks;
        this.epsilon = epsilon == 0 ? DEFAULT_EPSILON : epsilon;
        this.iterations = iterations;
    }

    /**
     * Rewrites the last codes until no two items share one.
     *
     * @param codes row-major [items × levels], by nearest entries; changed in place
     * @param maxRounds most rounds to do
     * @return rounds done
     */
    public int resolve(int[] codes, int maxRounds) {
        if (codes.length != (long) latents.length / dim * codebooks.length) {
            throw new IllegalArgumentException("codes has " + codes.length + " values, expected " + latents.length / dim
                    + " items x " + codebooks.length + " levels");
        }
        int round = 0;
        while (round < maxRounds && resolveOnce(codes)) {
            round++;
        }
        return round;
    }

    /** One round; false if there was nothing to do. */
    boolean resolveOnce(int[] codes) {
        int levels = codebooks.length;
        List<List<Integer>> groups = collisions(codes);
        for (List<Integer> group : groups) {
            int[] last = assign(group, codes);
            for (int k = 0; k < last.length; k++) {
                codes[group.get(k) * levels + levels - 1] = last[k];
            }
        }
        return !groups.isEmpty();
    }

    /** Items that share their code with others, in order of the code's first appearance. */
    private List<List<Integer>> collisions(int[] codes) {
        int levels = codebooks.length;
        Map<List<Integer>, List<Integer>> byCode = new LinkedHashMap<>();
        for (int item = 0; item < codes.length / levels; item++) {
            List<Integer> code = Arrays.stream(codes, item * levels, (item + 1) * levels)
                    .boxed()
                    .toList();
            byCode.computeIfAbsent(code, key -> new ArrayList<>()).add(item);
        }
        return byCode.values().stream().filter(group -> group.size() > 1).toList();
    }

    private int[] assign(List<Integer> group, int[] codes) {
        float[] lastCodebook = codebooks[codebooks.length - 1];
        int entries = lastCodebook.length / dim;
        float[] distances = new float[group.size() * entries];
        for (int k = 0; k < group.size(); k++) {
            float[] residual = residual(group.get(k), codes);
            for (int j = 0; j < entries; j++) {
                distances[k * entries + j] = distance(residual, lastCodebook, j);
            }
        }
        double[] shares = ReferenceSinkhorn.transport(
                ReferenceSinkhorn.centre(distances), group.size(), entries, epsilon, iterations);
        int[] assigned = new int[group.size()];
        for (int k = 0; k < assigned.length; k++) {
            assigned[k] = argmax(shares, k * entries, entries);
        }
        return assigned;
    }

    /** What the levels before the last leave of an item's latent. */
    private float[] residual(int item, int[] codes) {
        int levels = codebooks.length;
        float[] residual = Arrays.copyOfRange(latents, item * dim, (item + 1) * dim);
        for (int level = 0; level < levels - 1; level++) {
            int entry = codes[item * levels + level];
            for (int d = 0; d < dim; d++) {
                // The straight-through form x + (e − x), whose rounding is part of the original.
                float quantised = residual[d] + (codebooks[level][entry * dim + d] - residual[d]);
                residual[d] -= quantised;
            }
        }
        return residual;
    }

    /** Squared distance in its expanded form. */
    private float distance(float[] residual, float[] codebook, int entry) {
        float ofResidual = 0;
        float ofEntry = 0;
        float product = 0;
        for (int d = 0; d < dim; d++) {
            float e = codebook[entry * dim + d];
            ofResidual += residual[d] * residual[d];
            ofEntry += e * e;
            product += residual[d] * e;
        }
        return ofResidual + ofEntry - 2 * product;
    }

    private static int argmax(double[] values, int from, int count) {
        int best = 0;
        for (int j = 1; j < count; j++) {
            if (values[from + j] > values[from + best]) {
                best = j;
            }
        }
        return best;
    }
}
