package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** What every resolver's answer must satisfy, and the optimum by trying everything. */
final class Assignments {
    private Assignments() {}

    static void assertPlacesAsManyAsFit(int[] assignment, int n, int m) {
        assertThat(assignment).hasSize(n);
        int[] placed = Arrays.stream(assignment)
                .filter(entry -> entry != CollisionResolver.OUTSIDE)
                .toArray();
        assertThat(placed).hasSize(Math.min(n, m)).doesNotHaveDuplicates();
        for (int entry : placed) {
            assertThat(entry).isBetween(0, m - 1);
        }
    }

    /** The least total cost of any assignment; O(m!) or worse. */
    static double leastByTryingAll(AssignmentProblem problem) {
        return least(problem, 0, new boolean[problem.m()], problem.surplus());
    }

    private static double least(AssignmentProblem problem, int item, boolean[] used, int mayLeave) {
        if (item == problem.n()) {
            return 0;
        }
        double least = mayLeave == 0
                ? Double.POSITIVE_INFINITY
                : problem.outsideCost(item) + least(problem, item + 1, used, mayLeave - 1);
        for (int j = 0; j < used.length; j++) {
            if (!used[j]) {
                used[j] = true;
                least = Math.min(least, problem.cost(item, j) + least(problem, item + 1, used, mayLeave));
                used[j] = false;
            }
        }
        return least;
    }
}
