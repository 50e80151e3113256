package io.residua.common.event;

import static io.residua.common.event.Checks.requireNotNegative;
import static io.residua.common.event.Checks.requireShare;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * The quality of an index at a moment: the value of {@code index-metrics}, keyed by the model version.
 *
 * @param modelVersion the model
 * @param items items that have a code
 * @param distinctCodes distinct full codes among them; equals {@code items} unless something is wrong
 * @param rawCollisionRate (items − distinct nearest codes) / items: share that would collide without resolution; 0 when
 *     empty
 * @param largestConflict maximum number of items that share one nearest code
 * @param resolved items by how their code was assigned
 * @param levels one entry per level, of the nearest codes, coarsest first
 * @param meanQuantisationError mean of {@link ItemCode#quantisationError()}; 0 when empty
 * @param meanNearestError mean of {@link ItemCode#nearestError()}; 0 when empty
 * @param time time of the measurement
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IndexMetrics(
        String modelVersion,
        long items,
        long distinctCodes,
        double rawCollisionRate,
        long largestConflict,
        Resolved resolved,
        List<Level> levels,
        double meanQuantisationError,
        double meanNearestError,
        Instant time) {
    public IndexMetrics {
        ModelVersions.require(modelVersion);
        requireNotNegative("items", items);
        requireNotNegative("distinctCodes", distinctCodes);
        requireShare("rawCollisionRate", rawCollisionRate);
        requireNotNegative("largestConflict", largestConflict);
        requireNonNull(resolved, "resolved is null");
        levels = Checks.copy("levels", levels);
        Checks.requireFinite("meanQuantisationError", meanQuantisationError);
        Checks.requireFinite("meanNearestError", meanNearestError);
        requireNonNull(time, "time is null");
    }

    /** Items counted by {@link Resolution}. */
    public record Resolved(long nearest, long sinkhorn, long spilled) {
        public Resolved {
            requireNotNegative("resolved.nearest", nearest);
            requireNotNegative("resolved.sinkhorn", sinkhorn);
            requireNotNegative("resolved.spilled", spilled);
        }
    }

    /**
     * How well one codebook is used.
     *
     * @param size entries in the codebook
     * @param used entries that at least one item has
     * @param utilisation {@code used / size}
     * @param entropy of the distribution of items over entries, in nats
     * @param perplexity {@code exp(entropy)}: the number of equally used entries that would have this entropy
     */
    public record Level(int size, int used, double utilisation, double entropy, double perplexity) {
        public Level {
            if (size < 1 || used < 0 || used > size) {
                throw new IllegalArgumentException(
                        "a level uses " + used + " of " + size + " entries, expected 0 to its size, at least 1");
            }
            requireShare("utilisation", utilisation);
            Checks.requireFinite("entropy", entropy);
            requireNotNegative("perplexity", perplexity);
        }
    }
}
