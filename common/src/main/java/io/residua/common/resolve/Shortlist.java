package io.residua.common.resolve;

import java.util.Arrays;

/**
 * Leaves out the entries that cannot matter to n ≤ m items: whatever the others take, one of an item's n nearest entries
 * is free, so an assignment that uses none of them for it is improved by moving it there. The restricted problem has the
 * same greedy assignment and the same least total.
 */
final class Shortlist {
    private Shortlist() {}

    /**
     * The entries within reach of any item, in index order.
     *
     * @param reaches per item its n-th smallest distance
     */
    static int[] of(AssignmentProblem problem, double[] reaches) {
        int[] entries = new int[problem.m()];
        int count = 0;
        for (int j = 0; j < problem.m(); j++) {
            if (isWithinReach(problem, reaches, j)) {
                entries[count++] = j;
            }
        }
        return Arrays.copyOf(entries, count);
    }

    /** Per item its q-th smallest distance, q = min(n, m). */
    static double[] reaches(AssignmentProblem problem) {
        int m = problem.m();
        double[] row = new double[m];
        double[] reaches = new double[problem.n()];
        for (int i = 0; i < reaches.length; i++) {
            System.arraycopy(problem.distances(), i * m, row, 0, m);
            reaches[i] = Selection.smallest(row, m, Math.min(problem.n(), m));
        }
        return reaches;
    }

    /** The problem with these entries only, renumbered in the order given. */
    static AssignmentProblem restrict(AssignmentProblem problem, int[] entries) {
        double[] distances = new double[problem.n() * entries.length];
        for (int k = 0; k < distances.length; k++) {
            distances[k] = problem.cost(k / entries.length, entries[k % entries.length]);
        }
        return new AssignmentProblem(distances, problem.n(), entries.length, null);
    }

    private static boolean isWithinReach(AssignmentProblem problem, double[] reaches, int entry) {
        for (int i = 0; i < reaches.length; i++) {
            if (problem.cost(i, entry) <= reaches[i]) {
                return true;
            }
        }
        return false;
    }
}
