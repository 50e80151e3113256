package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;

/**
 * In which order an item tries prefixes when those before have no free entry: the prefixes of the codebook tree depth
 * first, the children of each node in the order of their distance to what the levels before leave over of the item's
 * latent, ties by code. So the siblings of the item's own prefix come first, then those one level up, and so on. The
 * order depends on the latent alone: a request on its way needs to carry nothing but a count.
 *
 * <p>Where a node lies on the item's own prefix, the child there comes first, whatever the distances: encoder and this
 * class may round differently at near-ties. O(levels · K · rank) per call; one instance serves one thread.
 */
final class SpillOrder {
    /** Maximum number of prefixes that an item tries, its own included. */
    static final int MAX_PREFIXES = 64;

    private static final int NO_CODE = -1;

    private final Codebooks codebooks;
    private final int prefixLevels;
    private final float[] residual;
    private final double[] distances;

    SpillOrder(Codebooks codebooks) {
        this.codebooks = codebooks;
        this.prefixLevels = codebooks.levels() - 1;
        this.residual = new float[codebooks.eDim()];
        int largest = 1;
        for (int level = 0; level < prefixLevels; level++) {
            largest = Math.max(largest, codebooks.size(level));
        }
        this.distances = new double[largest];
    }

    /**
     * A prefix of the order.
     *
     * @param z the latent
     * @param nearest nearest entries, one per level
     * @param rank 0 for the item's own prefix
     * @return codes of all levels but the last; {@code null} if there are no more prefixes or the item has tried
     *     {@value #MAX_PREFIXES}
     */
    int[] prefix(float[] z, int[] nearest, int rank) {
        int leaves = 1;
        for (int level = 0; level < prefixLevels && leaves <= rank; level++) {
            leaves *= codebooks.size(level);
        }
        if (rank >= MAX_PREFIXES || rank >= leaves) {
            return null;
        }
        int[] prefix = new int[prefixLevels];
        int left = rank;
        boolean onOwnPath = true;
        for (int level = 0; level < prefixLevels; level++) {
            int below = leavesBelow(level);
            int childRank = left / below;
            left %= below;
            int own = onOwnPath ? nearest[level] : NO_CODE;
            prefix[level] = childRank == 0 && onOwnPath ? own : child(z, prefix, level, own, childRank);
            onOwnPath &= prefix[level] == own;
        }
        return prefix;
    }

    /** Prefixes below one node of a level; counted no further than an item's reach. */
    private int leavesBelow(int level) {
        int leaves = 1;
        for (int below = level + 1; below < prefixLevels && leaves < MAX_PREFIXES; below++) {
            leaves *= codebooks.size(below);
        }
        return leaves;
    }

    /** The child of a rank; {@code own}, if it is a code, has rank 0. */
    private int child(float[] z, int[] prefix, int level, int own, int rank) {
        codebooks.residual(z, 0, prefix, level, residual);
        codebooks.squaredDistances(residual, 0, level, distances, 0);
        int size = codebooks.size(level);
        int smaller = own == NO_CODE ? rank : rank - 1;
        if (own != NO_CODE) {
            distances[own] = Double.POSITIVE_INFINITY;
        }
        int child = NO_CODE;
        for (int taken = 0; taken <= smaller; taken++) {
            child = NO_CODE;
            for (int code = 0; code < size; code++) {
                if (child == NO_CODE || distances[code] < distances[child]) {
                    child = code;
                }
            }
            if (taken < smaller) {
                distances[child] = Double.POSITIVE_INFINITY;
            }
        }
        return child;
    }
}
