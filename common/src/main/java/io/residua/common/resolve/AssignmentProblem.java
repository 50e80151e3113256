package io.residua.common.resolve;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * One call of a {@link CollisionResolver}: the matrix and what leaving it costs. An assignment of it is an
 * {@code int[n]} of columns, {@link CollisionResolver#OUTSIDE} included. The arrays are the caller's, not copied.
 *
 * @param distances row-major [n × m], finite, not negative; may be longer than n · m
 * @param n items, at least 1
 * @param m free entries, at least 0
 * @param outsideCosts per item, what leaving costs; {@code null} is 0 for all; ignored for n ≤ m
 */
record AssignmentProblem(double[] distances, int n, int m, double[] outsideCosts) {

    AssignmentProblem {
        requireNonNull(distances, "distances is null");
        if (n < 1 || m < 0) {
            throw new IllegalArgumentException("n is " + n + " and m is " + m + ", expected n >= 1 and m >= 0");
        }
        requireCosts("distances", distances, (long) n * m, true);
        if (n <= m) {
            outsideCosts = null;
        } else if (outsideCosts != null) {
            requireCosts("outsideCosts", outsideCosts, n, false);
        }
    }

    /** Items that have to leave. */
    int surplus() {
        return Math.max(0, n - m);
    }

    /** What it costs to give item {@code i} the column {@code entry}, which may be {@link CollisionResolver#OUTSIDE}. */
    double cost(int i, int entry) {
        return entry == CollisionResolver.OUTSIDE ? outsideCost(i) : distances[i * m + entry];
    }

    double outsideCost(int i) {
        return outsideCosts == null ? 0 : outsideCosts[i];
    }

    /** Item {@code i}'s least distance to an entry; m is at least 1. */
    double nearest(int i) {
        double least = distances[i * m];
        for (int k = i * m + 1; k < (i + 1) * m; k++) {
            if (distances[k] < least) {
                least = distances[k];
            }
        }
        return least;
    }

    /** Whether every item has an entry at its least distance; then no assignment is cheaper. */
    boolean givesAllTheirNearest(int[] assignment) {
        for (int i = 0; i < n; i++) {
            if (cost(i, assignment[i]) > nearest(i)) {
                return false;
            }
        }
        return true;
    }

    /** Sum over the items in row order, leaving included. */
    double total(int[] assignment) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += cost(i, assignment[i]);
        }
        return sum;
    }

    /** Items in row order, each its cheapest entry that is still free, lowest index on ties; the last n − m leave. */
    int[] greedy() {
        int[] assignment = new int[n];
        boolean[] used = new boolean[m];
        for (int i = 0; i < n; i++) {
            int best = CollisionResolver.OUTSIDE;
            for (int j = 0; j < m && i < m; j++) {
                if (!used[j] && (best == CollisionResolver.OUTSIDE || distances[i * m + j] < distances[i * m + best])) {
                    best = j;
                }
            }
            assignment[i] = best;
            if (best != CollisionResolver.OUTSIDE) {
                used[best] = true;
            }
        }
        return assignment;
    }

    /** All items leave: the answer where no entry is free. */
    int[] nowhere() {
        int[] assignment = new int[n];
        Arrays.fill(assignment, CollisionResolver.OUTSIDE);
        return assignment;
    }

    private static void requireCosts(String name, double[] costs, long count, boolean notNegative) {
        if (costs.length < count) {
            throw new IllegalArgumentException(name + " has " + costs.length + " values, expected at least " + count);
        }
        for (int k = 0; k < count; k++) {
            if (!(Math.abs(costs[k]) <= Double.MAX_VALUE) || (notNegative && costs[k] < 0)) {
                throw new IllegalArgumentException(name + "[" + k + "] is " + costs[k] + ", expected a finite number"
                        + (notNegative ? " >= 0" : ""));
            }
        }
    }
}
