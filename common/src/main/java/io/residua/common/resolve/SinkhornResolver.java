package io.residua.common.resolve;

import static io.residua.common.resolve.CollisionResolver.OUTSIDE;

import java.util.Arrays;

/**
 * Entropic optimal transport, rounded: close to the exact minimum at a cost of a few dozen matrix products, and never
 * dearer than {@linkplain AssignmentProblem#greedy() greedy}. Costs are scaled by the largest distance that can matter,
 * {@code s = max_i(D_i(q) − D_i(1))} with D_i(k) the k-th smallest distance of item i and q = min(n, m), so that
 * neither the unit of the distances nor far-away entries blur the choice. ε falls from s to {@code epsilon · s};
 * {@link EntropicTransport} has the iterations, {@link RegretRounding} and {@link LocalSearch} what follows.
 *
 * <p>For n ≤ m no optimal assignment needs an entry that is not among some item's n nearest. The matrix is cut down to
 * those first, and where every item can have its nearest there is nothing to solve.
 * What does not add up is balanced by a dummy item (n &lt; m, takes the m − n entries left over, at no cost) or by
 * a column "outside" (n &gt; m, takes n − m items at their outside costs).
 *
 * <p>O(n · m) per iteration, at most 50 iterations for each halving of ε and 200 at the last. Keeps its workspace from
 * call to call, two matrices of the largest n and m seen, so an instance belongs to one thread.
 */
public final class SinkhornResolver implements CollisionResolver {
    /** Where ε ends, relative to the scale. */
    public static final double DEFAULT_EPSILON = 0.02;

    // Beyond this many scales a cost is only "far": keeps differences of the scaled costs exact enough.
    private static final double FAR = 1e9;

    private final double epsilon;
    private final EntropicTransport transport = new EntropicTransport();

    public SinkhornResolver() {
        this(DEFAULT_EPSILON);
    }

    /**
     * Chooses the precision.
     *
     * @param epsilon where ε ends, relative to the scale of the distances; in [0.001, 1]
     */
    public SinkhornResolver(double epsilon) {
        if (!(epsilon >= 0.001 && epsilon <= 1)) {
            throw new IllegalArgumentException("epsilon is " + epsilon + ", expected 0.001 to 1");
        }
        this.epsilon = epsilon;
    }

    @Override
    public int[] resolve(double[] distances, int n, int m, double[] outsideCosts) {
        AssignmentProblem problem = new AssignmentProblem(distances, n, m, outsideCosts);
        if (m == 0) {
            return problem.nowhere();
        }
        int[] greedy = problem.greedy();
        if (n == 1 || (n <= m && problem.givesAllTheirNearest(greedy))) {
            return greedy;
        }
        return n < m ? resolveShortlisted(problem, greedy) : resolve(problem, greedy);
    }

    /** Entries that are among no item's n nearest are left out of the matrix. */
    private int[] resolveShortlisted(AssignmentProblem problem, int[] greedy) {
        int[] entries = Shortlist.of(problem, Shortlist.reaches(problem));
        if (entries.length == problem.m()) {
            return resolve(problem, greedy);
        }
        AssignmentProblem small = Shortlist.restrict(problem, entries);
        int[] assignment = resolve(small, small.greedy());
        for (int i = 0; i < assignment.length; i++) {
            assignment[i] = entries[assignment[i]];
        }
        return assignment;
    }

    private int[] resolve(AssignmentProblem problem, int[] greedy) {
        double scale = scale(problem);
        int[] assignment = scale == 0 ? greedy.clone() : transported(problem, scale);
        LocalSearch.improve(problem, assignment);
        return problem.total(greedy) < problem.total(assignment) ? greedy : assignment;
    }

    private int[] transported(AssignmentProblem problem, double scale) {
        double[] potentials = potentials(problem, scale);
        return RegretRounding.round(transport.costs(), potentials, problem.n(), problem.m(), problem.surplus());
    }

    /** Column potentials in units of the scale, that of "outside" last; the scaled costs stay in {@code transport}. */
    double[] potentials(AssignmentProblem problem, double scale) {
        int n = problem.n();
        int m = problem.m();
        transport.prepare(n < m ? n + 1 : n, n > m ? m + 1 : m, n);
        for (int i = 0; i < n; i++) {
            transport.rowMass()[i] = 1;
            fillCosts(problem, i, scale, transport.costs()[i]);
        }
        for (int j = 0; j < m; j++) {
            transport.columnMass()[j] = 1;
        }
        if (n < m) {
            transport.rowMass()[n] = m - n;
            Arrays.fill(transport.costs()[n], 0, m, 0.0);
        } else if (n > m) {
            transport.columnMass()[m] = n - m;
        }
        return transport.solve(epsilon);
    }

    /** Costs above the item's least distance: a shift of a row changes its own potential and nothing else. */
    private static void fillCosts(AssignmentProblem problem, int i, double scale, double[] costs) {
        double least = problem.nearest(i);
        for (int j = 0; j < problem.m(); j++) {
            costs[j] = Math.min(FAR, (problem.cost(i, j) - least) / scale);
        }
        if (problem.surplus() > 0) {
            costs[problem.m()] = Math.max(-FAR, Math.min(FAR, (problem.cost(i, OUTSIDE) - least) / scale));
        }
    }

    /** The largest difference that can matter: {@code max_i(D_i(q) − D_i(1))}, q = min(n, m). */
    double scale(AssignmentProblem problem) {
        double[] reaches = Shortlist.reaches(problem);
        double scale = 0;
        for (int i = 0; i < problem.n(); i++) {
            scale = Math.max(scale, reaches[i] - problem.nearest(i));
        }
        return scale;
    }
}
