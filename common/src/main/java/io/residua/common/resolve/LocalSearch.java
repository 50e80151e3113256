package io.residua.common.resolve;

/**
 * Improves an assignment in place by moves to a free entry and by swaps of two items' places, until none improves it
 * any more or {@value #PASSES} passes are done. A pass costs O(n · (n + m)).
 *
 * <p>Of two places that two items could swap at equal cost, the first item gets the one it is nearer to, so that
 * identical items end in row order.
 */
final class LocalSearch {
    private static final int PASSES = 10;

    private final AssignmentProblem problem;
    private final int[] assignment;
    // Per item, the most it could gain by any change: lets a swap be refused before the other item's row is read.
    private final double[] slack;

    private LocalSearch(AssignmentProblem problem, int[] assignment) {
        this.problem = problem;
        this.assignment = assignment;
        slack = new double[assignment.length];
    }

    /** Makes {@code assignment} cheaper where it can; keeps it injective and the number of items placed. */
    static void improve(AssignmentProblem problem, int[] assignment) {
        LocalSearch search = new LocalSearch(problem, assignment);
        for (int pass = 0; pass < PASSES; pass++) {
            boolean moved = problem.n() < problem.m() && search.move();
            search.measureSlack();
            boolean swapped = search.swap();
            if (!moved && !swapped) {
                return;
            }
        }
    }

    private boolean move() {
        boolean[] used = new boolean[problem.m()];
        for (int entry : assignment) {
            used[entry] = true;
        }
        boolean improved = false;
        for (int i = 0; i < assignment.length; i++) {
            int best = assignment[i];
            for (int j = 0; j < used.length; j++) {
                if (!used[j] && problem.cost(i, j) < problem.cost(i, best)) {
                    best = j;
                }
            }
            if (best != assignment[i]) {
                used[assignment[i]] = false;
                used[best] = true;
                assignment[i] = best;
                improved = true;
            }
        }
        return improved;
    }

    private void measureSlack() {
        for (int i = 0; i < slack.length; i++) {
            double least = problem.nearest(i);
            if (problem.surplus() > 0) {
                least = Math.min(least, problem.outsideCost(i));
            }
            slack[i] = problem.cost(i, assignment[i]) - least;
        }
    }

    private boolean swap() {
        boolean improved = false;
        for (int i = 0; i < assignment.length; i++) {
            for (int k = i + 1; k < assignment.length; k++) {
                double first = problem.cost(i, assignment[i]) - problem.cost(i, assignment[k]);
                if (first + slack[k] > 0) {
                    improved |= swapIfBetter(i, k, first);
                }
            }
        }
        return improved;
    }

    /** {@code first} is what item i gains. Differences throughout, since sums of costs could overflow. */
    private boolean swapIfBetter(int i, int k, double first) {
        int a = assignment[i];
        int b = assignment[k];
        double second = problem.cost(k, b) - problem.cost(k, a);
        double gain = first + second;
        if (gain > 0 || (gain == 0 && first > 0)) {
            assignment[i] = b;
            assignment[k] = a;
            slack[i] -= first;
            slack[k] -= second;
        }
        return gain > 0;
    }
}
