package io.residua.benchmarks;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Item codes as an indexer publishes them: unique codes, skewed use of the entries, and a share of items whose nearest
 * code is already taken. Same seed, same codes.
 */
final class ItemCodeGenerator {
    static final List<Integer> CODEBOOK_SIZES = List.of(256, 256, 256, 256);

    private static final double DUPLICATES = 0.05;

    private final String modelVersion;
    private final Random random;
    private final Set<List<Integer>> held = new HashSet<>();
    private final List<List<Integer>> nearestCodes = new ArrayList<>();

    ItemCodeGenerator(String modelVersion, long seed) {
        this.modelVersion = modelVersion;
        this.random = new Random(seed);
    }

    /** The code of an item that was coded at its nearest entry, or beside it if that is held. */
    ItemCode next(String itemId) {
        List<Integer> nearest = nearest();
        List<Integer> codes = free(nearest);
        return itemCode(itemId, codes, nearest, codes.equals(nearest) ? Resolution.NEAREST : Resolution.SINKHORN);
    }

    /** A new code for an item whose embedding changed, marked as spilled so that a reader can tell it from the first. */
    ItemCode moved(String itemId) {
        List<Integer> nearest = nearest();
        return itemCode(itemId, free(nearest), nearest, Resolution.SPILLED);
    }

    private List<Integer> nearest() {
        if (!nearestCodes.isEmpty() && random.nextDouble() < DUPLICATES) {
            return nearestCodes.get(random.nextInt(nearestCodes.size()));
        }
        List<Integer> drawn = CODEBOOK_SIZES.stream()
                .map(size -> Math.min(random.nextInt(size), random.nextInt(size)))
                .toList();
        nearestCodes.add(drawn);
        return drawn;
    }

    private List<Integer> free(List<Integer> nearest) {
        List<Integer> codes = new ArrayList<>(nearest);
        int last = codes.size() - 1;
        while (!held.add(List.copyOf(codes))) {
            codes.set(last, (codes.get(last) + 1) % CODEBOOK_SIZES.get(last));
        }
        return codes;
    }

    private ItemCode itemCode(String itemId, List<Integer> codes, List<Integer> nearest, Resolution resolution) {
        double nearestError = random.nextDouble();
        double error = resolution == Resolution.NEAREST ? nearestError : nearestError + random.nextDouble();
        Instant time = Instant.ofEpochMilli(1_700_000_000_000L + held.size());
        return new ItemCode(
                itemId,
                modelVersion,
                codes,
                SemanticIds.tokens(codes),
                nearest,
                held.size(),
                resolution,
                error,
                nearestError,
                1 + random.nextDouble(),
                0,
                held.size(),
                time,
                time);
    }
}
