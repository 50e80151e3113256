package io.residua.common.resolve;

import static io.residua.common.resolve.CollisionResolver.OUTSIDE;

import java.util.Arrays;

/**
 * The exact minimum: rectangular assignment by shortest augmenting paths (Jonker and Volgenant 1987, in the form of
 * Crouse, "On implementing 2D rectangular assignment algorithms", 2016), in float64. O(min(n, m)² · max(n, m)) time,
 * O(n + m) memory besides the matrix. Stateless, so safe for threads.
 *
 * <p>For n &gt; m the roles change: the entries choose their items, at the price {@code distance − outside cost},
 * since every entry is used and an item that gets one saves what leaving would have cost.
 */
public final class OptimalResolver implements CollisionResolver {
    @Override
    public int[] resolve(double[] distances, int n, int m, double[] outsideCosts) {
        AssignmentProblem problem = new AssignmentProblem(distances, n, m, outsideCosts);
        if (m == 0) {
            return problem.nowhere();
        }
        if (n <= m) {
            return resolveShortlisted(problem);
        }
        int[] itemOf = new ShortestAugmentingPaths(pricesOfEntries(problem), m, n).solve();
        int[] assignment = new int[n];
        Arrays.fill(assignment, OUTSIDE);
        for (int j = 0; j < m; j++) {
            assignment[itemOf[j]] = j;
        }
        return assignment;
    }

    /** Entries that are among no item's n nearest are left out of the matrix. */
    private static int[] resolveShortlisted(AssignmentProblem problem) {
        int[] entries = Shortlist.of(problem, Shortlist.reaches(problem));
        AssignmentProblem small = Shortlist.restrict(problem, entries);
        int[] assignment = new ShortestAugmentingPaths(small.distances(), small.n(), small.m()).solve();
        for (int i = 0; i < assignment.length; i++) {
            assignment[i] = entries[assignment[i]];
        }
        return assignment;
    }

    private static double[] pricesOfEntries(AssignmentProblem problem) {
        double[] prices = new double[problem.m() * problem.n()];
        for (int j = 0; j < problem.m(); j++) {
            for (int i = 0; i < problem.n(); i++) {
                prices[j * problem.n() + i] = problem.cost(i, j) - problem.outsideCost(i);
            }
        }
        return prices;
    }
}
