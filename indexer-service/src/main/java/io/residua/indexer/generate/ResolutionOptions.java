package io.residua.indexer.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.network.TrainingData;
import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.OptimalResolver;
import io.residua.common.resolve.ReferenceCollisionLoop;
import io.residua.common.resolve.SinkhornResolver;
import io.residua.indexer.assign.OfflineAssignment;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that say how collisions are resolved, and what they stand for. */
final class ResolutionOptions {
    private static final String EPSILON = "--sinkhorn_epsilon";
    private static final String ROUNDS = "--max_reencode_rounds";

    @Option(
            names = "--strategy",
            defaultValue = "sinkhorn",
            paramLabel = "NAME",
            description = "how collisions are resolved: sinkhorn, optimal (the exact minimum of each prefix), or"
                    + " reference (as generate_indices.py; codes may still collide) (default: ${DEFAULT-VALUE})")
    private Strategy strategy;

    @Option(
            names = EPSILON,
            defaultValue = "0.02",
            paramLabel = "X",
            description = "sinkhorn: final relative temperature of the assignment (default: ${DEFAULT-VALUE})")
    private double sinkhornEpsilon;

    @Option(
            names = ROUNDS,
            defaultValue = "" + ReferenceCollisionLoop.DEFAULT_ROUNDS,
            paramLabel = "N",
            description = "reference: most rounds (default: ${DEFAULT-VALUE})")
    private int maxRounds;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    Strategy strategy() {
        return strategy;
    }

    /**
     * Checks that the options go together.
     *
     * @throws IllegalArgumentException naming the one that does not fit
     */
    void requireValid() {
        requireOnlyFor(Strategy.SINKHORN, EPSILON);
        requireOnlyFor(Strategy.REFERENCE, ROUNDS);
        if (maxRounds < 0) {
            throw new IllegalArgumentException(ROUNDS + " is " + maxRounds + ", expected at least 0");
        }
        if (strategy == Strategy.SINKHORN) {
            new SinkhornResolver(sinkhornEpsilon);
        }
    }

    private void requireOnlyFor(Strategy only, String option) {
        if (strategy != only && spec.commandLine().getParseResult().hasMatchedOption(option)) {
            throw new IllegalArgumentException(option + " is for --strategy " + only);
        }
    }

    /**
     * Resolves collisions in place.
     *
     * @param codes nearest codes, row-major [rows × levels]; receives the ones to write
     * @param latents row-major [rows × eDim]
     * @param held codes that are not free, row-major [items × levels]
     * @param metadata what is known of the model's training
     * @return rows that found no free code within reach, ascending
     */
    int[] resolve(Codebooks codebooks, int[] codes, float[] latents, int[] held, Map<String, String> metadata) {
        if (strategy == Strategy.REFERENCE) {
            referenceLoop(codebooks, latents, TrainingData.options(metadata)).resolve(codes, maxRounds);
            return new int[0];
        }
        OfflineAssignment assignment = new OfflineAssignment(
                codebooks,
                () -> strategy == Strategy.OPTIMAL ? new OptimalResolver() : new SinkhornResolver(sinkhornEpsilon));
        assignment.hold(held);
        return assignment.resolve(codes, latents);
    }

    /** With the temperature and the iterations that the model was trained with, as the Python script has it. */
    private static ReferenceCollisionLoop referenceLoop(Codebooks codebooks, float[] latents, JsonNode options) {
        float[][] entries = new float[codebooks.levels()][];
        for (int level = 0; level < entries.length; level++) {
            entries[level] = codebooks.entries(level);
        }
        double epsilon = options.path("sk_epsilons").path(entries.length - 1).asDouble(0);
        int iterations = options.path("sk_iters").asInt(ReferenceCollisionLoop.DEFAULT_ITERATIONS);
        return new ReferenceCollisionLoop(latents, codebooks.eDim(), entries, epsilon, iterations);
    }
}
