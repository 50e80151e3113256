package io.residua.common.resolve;

import static io.residua.common.resolve.CollisionResolver.OUTSIDE;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Makes an injective assignment of dual potentials: the item that would lose most by not getting its first choice
 * chooses first. A choice is the column of least reduced cost {@code cost_ij − potential_j}; the regret is the second
 * smallest less the smallest. O(n · m).
 */
final class RegretRounding {
    private RegretRounding() {}

    /**
     * Rounds to one column per item.
     *
     * @param costs rows of at least {@code columns} values
     * @param potentials per column
     * @param n items, the first rows of {@code costs}
     * @param m entries, the first columns; each takes one item
     * @param outsideCapacity items that the column behind the entries takes; that column exists only if this is not 0
     * @return per item its column, or {@link CollisionResolver#OUTSIDE} for the column behind the entries
     */
    static int[] round(double[][] costs, double[] potentials, int n, int m, int outsideCapacity) {
        int columns = outsideCapacity > 0 ? m + 1 : m;
        int[] left = new int[columns];
        Arrays.fill(left, 1);
        if (columns > m) {
            left[m] = outsideCapacity;
        }
        int[] assignment = new int[n];
        for (int i : byDescendingRegret(costs, potentials, n, columns)) {
            int column = cheapest(costs[i], potentials, left);
            left[column]--;
            assignment[i] = column == m ? OUTSIDE : column;
        }
        return assignment;
    }

    private static Integer[] byDescendingRegret(double[][] costs, double[] potentials, int n, int columns) {
        double[] regrets = new double[n];
        Integer[] order = new Integer[n];
        for (int i = 0; i < n; i++) {
            regrets[i] = regret(costs[i], potentials, columns);
            order[i] = i;
        }
        // The sort is stable: equal regrets stay in row order.
        Arrays.sort(order, Comparator.comparingDouble(i -> -regrets[i]));
        return order;
    }

    private static double regret(double[] costs, double[] potentials, int columns) {
        double smallest = Double.POSITIVE_INFINITY;
        double second = Double.POSITIVE_INFINITY;
        for (int j = 0; j < columns; j++) {
            double reduced = costs[j] - potentials[j];
            if (reduced < smallest) {
                second = smallest;
                smallest = reduced;
            } else if (reduced < second) {
                second = reduced;
            }
        }
        return second - smallest;
    }

    private static int cheapest(double[] costs, double[] potentials, int[] left) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < left.length; j++) {
            double reduced = costs[j] - potentials[j];
            if (left[j] > 0 && (best < 0 || reduced < least || (reduced == least && costs[j] < costs[best]))) {
                best = j;
                least = reduced;
            }
        }
        return best;
    }
}
