package io.residua.common.resolve;

import java.util.Arrays;

/**
 * The annealed iteration written down as its formulas stand, everything in the log domain and on unscaled costs: what
 * the kernel form is checked against.
 */
final class PlainSinkhorn {
    private final AssignmentProblem problem;
    private final double[] f;
    private final double[] g;
    private final int n;
    private final int m;
    private double dummy;
    private double outside;

    PlainSinkhorn(AssignmentProblem problem) {
        this.problem = problem;
        n = problem.n();
        m = problem.m();
        f = new double[n];
        g = new double[m];
    }

    /** The entries' potentials, that of "outside" last where n &gt; m, in the unit of the distances. */
    double[] potentials(double scale, double relativeEpsilon) {
        double last = relativeEpsilon * scale;
        for (double epsilon = scale; epsilon > last; epsilon = Math.max(last, epsilon / 2)) {
            iterate(epsilon, 50);
        }
        iterate(last, 200);
        double[] potentials = Arrays.copyOf(g, n > m ? m + 1 : m);
        if (n > m) {
            potentials[m] = outside;
        }
        return potentials;
    }

    private void iterate(double epsilon, int limit) {
        for (int iteration = 0; iteration < limit; iteration++) {
            updateRows(epsilon);
            updateColumns(epsilon);
            if (rowSumsHold(epsilon)) {
                return;
            }
        }
    }

    private void updateRows(double e) {
        for (int i = 0; i < n; i++) {
            double[] x = new double[n > m ? m + 1 : m];
            for (int j = 0; j < m; j++) {
                x[j] = (g[j] - problem.cost(i, j)) / e;
            }
            if (n > m) {
                x[m] = (outside - problem.outsideCost(i)) / e;
            }
            f[i] = -e * logSumExp(x);
        }
        double[] x = new double[m];
        for (int j = 0; j < m; j++) {
            x[j] = g[j] / e;
        }
        dummy = e * Math.log(m - n) - e * logSumExp(x);
    }

    private void updateColumns(double e) {
        for (int j = 0; j < m; j++) {
            double[] x = new double[n < m ? n + 1 : n];
            for (int i = 0; i < n; i++) {
                x[i] = (f[i] - problem.cost(i, j)) / e;
            }
            if (n < m) {
                x[n] = dummy / e;
            }
            g[j] = -e * logSumExp(x);
        }
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = (f[i] - problem.outsideCost(i)) / e;
        }
        outside = e * Math.log(n - m) - e * logSumExp(x);
    }

    private boolean rowSumsHold(double e) {
        for (int i = 0; i < n; i++) {
            double sum = n > m ? Math.exp((f[i] + outside - problem.outsideCost(i)) / e) : 0;
            for (int j = 0; j < m; j++) {
                sum += Math.exp((f[i] + g[j] - problem.cost(i, j)) / e);
            }
            if (Math.abs(sum - 1) > 1e-3) {
                return false;
            }
        }
        return true;
    }

    private static double logSumExp(double[] x) {
        double max = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            max = Math.max(max, value);
        }
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - max);
        }
        return max + Math.log(sum);
    }
}
