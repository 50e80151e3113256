package io.residua.common.resolve;

/**
 * Assigns the items that wait for entries of one prefix to the entries that are free there: the heart of collision
 * resolution. Pure and deterministic: the same matrix gives the same answer, whatever came before.
 */
public interface CollisionResolver {
    /** Stands for "no entry of this prefix": the item has to look elsewhere. */
    int OUTSIDE = -1;

    /**
     * Assigns items to entries, injectively; exactly {@code min(n, m)} items get one.
     *
     * @param distances squared distances, row-major [n × m]: {@code distances[i * m + j]} from item i's residual to free
     *     entry j, finite, not negative; items in the order of their id's bytes (offline: row number), entries in index
     *     order
     * @param n items, at least 1
     * @param m free entries, at least 0
     * @param outsideCosts for n &gt; m: per item, what its cheapest entry elsewhere costs; {@code null} if nothing is
     *     known, then 0 for all; ignored for n ≤ m
     * @return per item the entry's column in {@code distances}, or {@link #OUTSIDE}
     */
    int[] resolve(double[] distances, int n, int m, double[] outsideCosts);
}
