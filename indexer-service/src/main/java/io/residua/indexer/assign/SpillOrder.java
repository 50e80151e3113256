package io.residua.indexer.assign;

import io.residua.common.quantise.Codebooks;
import java.util.ArrayList;
import java.util.List;

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
        if (rank >= MAX_PREFIXES) {
            return null;
        }
        List<int[]> order = prefixes(z, nearest, rank + 1);
        return rank < order.size() ? order.get(rank) : null;
    }

    /**
     * The beginning of the order.
     *
     * @param count maximum number of prefixes
     * @return per prefix the codes of all levels but the last
     */
    List<int[]> prefixes(float[] z, int[] nearest, int count) {
        List<int[]> order = new ArrayList<>(count);
        addLeaves(z, nearest, new int[prefixLevels], 0, true, count, order);
        return order;
    }

    private void addLeaves(
            float[] z, int[] nearest, int[] node, int level, boolean onOwnPath, int count, List<int[]> order) {
        if (level == prefixLevels) {
            order.add(node.clone());
            return;
        }
        int below = leavesBelow(level);
        int wanted = (count - order.size() + below - 1) / below;
        int own = onOwnPath ? nearest[level] : NO_CODE;
        for (int child : children(z, node, level, own, Math.min(wanted, codebooks.size(level)))) {
            node[level] = child;
            addLeaves(z, nearest, node, level + 1, child == own, count, order);
            if (order.size() == count) {
                return;
            }
        }
    }

    /** Prefixes below one node of a level; counted no further than an item's reach. */
    private int leavesBelow(int level) {
        int leaves = 1;
        for (int below = level + 1; below < prefixLevels && leaves < MAX_PREFIXES; below++) {
            leaves *= codebooks.size(below);
        }
        return leaves;
    }

    /** The first children of a node; {@code own}, if it is a code, is the first of all. */
    private int[] children(float[] z, int[] node, int level, int own, int count) {
        int[] children = new int[count];
        int found = 0;
        if (own != NO_CODE) {
            children[found++] = own;
        }
        if (found < count) {
            codebooks.residual(z, 0, node, level, residual);
            codebooks.squaredDistances(residual, 0, level, distances, 0);
            fillNearest(children, found, codebooks.size(level), own);
        }
        return children;
    }

    /** Fills {@code children} from {@code first} on with the nearest codes but {@code own}: an insertion sort of the best. */
    private void fillNearest(int[] children, int first, int size, int own) {
        int found = first;
        for (int code = 0; code < size; code++) {
            boolean isFull = found == children.length;
            if (code == own || (isFull && distances[code] >= distances[children[found - 1]])) {
                continue;
            }
            int at = isFull ? found - 1 : found++;
            while (at > first && distances[code] < distances[children[at - 1]]) {
                children[at] = children[at - 1];
                at--;
            }
            children[at] = code;
        }
    }
}
