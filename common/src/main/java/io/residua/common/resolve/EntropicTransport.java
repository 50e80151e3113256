package io.residua.common.resolve;

import java.util.Arrays;

/**
 * Sinkhorn's iterations for one transport problem with given row and column masses, with the temperature ε annealed:
 * computes the column potentials g of {@code P_ij = exp((f_i + g_j − cost_ij) / ε)} whose rows and columns sum to the
 * masses (Cuturi 2013; scaling and stabilisation as in Schmitzer 2019, "Stabilized sparse scaling algorithms").
 *
 * <p>Between two changes of ε the iterations are plain products with the kernel {@code exp((g_j − cost_ij) / ε)},
 * every row scaled to a maximum of 1, and scaling vectors u, v. That equals the iteration in the log domain as long as
 * the vectors stay within {@link #RANGE}: what the kernel drops, below {@link #NEGLIGIBLE}, cannot matter then.
 * Whenever they leave it, that one iteration runs in the log domain by log-sum-exp, and the kernel is made anew.
 *
 * <p>The workspace is kept from one problem to the next. For a single thread.
 */
final class EntropicTransport {
    private static final int STAGE_ITERATIONS = 50;
    private static final int LAST_STAGE_ITERATIONS = 200;
    private static final double TOLERANCE = 1e-3;
    private static final double RANGE = 1e50;
    private static final double NEGLIGIBLE = 1e-200;
    private static final double LOG_NEGLIGIBLE = Math.log(NEGLIGIBLE);

    private int rows;
    private int columns;
    private int items;
    // Rows of their own, not one flat array: the compiler vectorises loops whose arrays share their index.
    private double[][] costs = new double[0][0];
    private double[][] kernel = new double[0][0];
    private double[] rowMass = new double[0];
    private double[] columnMass = new double[0];
    private double[] potentials = new double[0];
    // u, v: the scalings of rows and columns since the kernel was made; K·v and Kᵀ·u. Rows are padded to a multiple
    // of four with rows of scale 0.
    private double[] rowScale = new double[0];
    private double[] columnScale = new double[0];
    private double[] rowProduct = new double[0];
    private double[] columnProduct = new double[0];
    private double rowError;

    /**
     * Makes room for a problem. The caller then fills {@link #costs()}, {@link #rowMass()} and {@link #columnMass()};
     * all three may be larger than asked for.
     *
     * @param newItems the first rows, whose sums decide when an iteration has converged
     */
    void prepare(int newRows, int newColumns, int newItems) {
        rows = newRows;
        columns = newColumns;
        items = newItems;
        if (rows > rowMass.length || columns > columnMass.length) {
            int rowRoom = Math.max((rows + 3) / 4 * 4, rowMass.length);
            int columnRoom = Math.max(columns, columnMass.length);
            costs = new double[rowRoom][columnRoom];
            kernel = new double[rowRoom][columnRoom];
            rowMass = new double[rowRoom];
            rowScale = new double[rowRoom];
            rowProduct = new double[rowRoom];
            columnMass = new double[columnRoom];
            columnScale = new double[columnRoom];
            columnProduct = new double[columnRoom];
            potentials = new double[columnRoom];
        }
    }

    double[][] costs() {
        return costs;
    }

    double[] rowMass() {
        return rowMass;
    }

    double[] columnMass() {
        return columnMass;
    }

    /**
     * Iterates from g = 0, with ε from 1 halved down to {@code lastEpsilon}.
     *
     * @param lastEpsilon in (0, 1], in units of the costs
     * @return the column potentials; valid until the next call
     */
    double[] solve(double lastEpsilon) {
        Arrays.fill(potentials, 0, columns, 0.0);
        Arrays.fill(columnScale, 0, columns, 1.0);
        double epsilon = 1;
        makeKernel(epsilon);
        while (epsilon > lastEpsilon) {
            iterate(epsilon, STAGE_ITERATIONS);
            if (epsilon / 2 >= lastEpsilon) {
                squareKernel();
                absorb(epsilon);
                epsilon /= 2;
            } else {
                absorb(epsilon);
                epsilon = lastEpsilon;
                makeKernel(epsilon);
            }
        }
        iterate(epsilon, LAST_STAGE_ITERATIONS);
        absorb(epsilon);
        return potentials;
    }

    private void iterate(double epsilon, int limit) {
        for (int iteration = 0; iteration < limit; iteration++) {
            double extreme = sweep();
            if (rowError <= TOLERANCE) {
                return;
            }
            extreme = Math.max(extreme, extremeScale(columnMass, columnProduct, columns));
            if (extreme <= RANGE) {
                divide(columnMass, columnProduct, columnScale, columns);
            } else {
                absorb(epsilon);
                iterateInLogDomain(epsilon);
                makeKernel(epsilon);
            }
        }
    }

    /**
     * The row update, and the column sums it leads to, in one pass over the kernel, four rows at a time. On the way
     * finds how far the items' row sums were from their masses before.
     *
     * @return the largest of the new row scales and their inverses
     */
    private double sweep() {
        Arrays.fill(columnProduct, 0, columns, 0.0);
        rowError = 0;
        double extreme = 1;
        for (int i = 0; i < rows; i += 4) {
            double[] a = kernel[i];
            double[] b = kernel[i + 1];
            double[] c = kernel[i + 2];
            double[] d = kernel[i + 3];
            multiply(a, b, c, d, columnScale, columns, rowProduct, i);
            int end = Math.min(i + 4, rows);
            for (int k = i; k < end; k++) {
                if (k < items) {
                    rowError = Math.max(rowError, Math.abs(rowScale[k] * rowProduct[k] - rowMass[k]));
                }
                rowScale[k] = rowMass[k] / rowProduct[k];
                extreme = Math.max(extreme, Math.max(rowScale[k], 1 / rowScale[k]));
            }
            addMultiples(a, b, c, d, rowScale, i, columns, columnProduct);
        }
        return extreme;
    }

    /** {@code products[first..first + 3]}: the rows' products with {@code weights}. */
    private static void multiply(
            double[] a, double[] b, double[] c, double[] d, double[] weights, int width, double[] products, int first) {
        double pa = 0;
        double pb = 0;
        double pc = 0;
        double pd = 0;
        for (int j = 0; j < width; j++) {
            double weight = weights[j];
            pa += a[j] * weight;
            pb += b[j] * weight;
            pc += c[j] * weight;
            pd += d[j] * weight;
        }
        products[first] = pa;
        products[first + 1] = pb;
        products[first + 2] = pc;
        products[first + 3] = pd;
    }

    /** Adds the rows, each times its weight in {@code weights[first..first + 3]}, to {@code sums}. */
    private static void addMultiples(
            double[] a, double[] b, double[] c, double[] d, double[] weights, int first, int width, double[] sums) {
        double wa = weights[first];
        double wb = weights[first + 1];
        double wc = weights[first + 2];
        double wd = weights[first + 3];
        for (int j = 0; j < width; j++) {
            sums[j] += (wa * a[j] + wb * b[j]) + (wc * c[j] + wd * d[j]);
        }
    }

    private static void divide(double[] masses, double[] products, double[] scales, int count) {
        for (int k = 0; k < count; k++) {
            scales[k] = masses[k] / products[k];
        }
    }

    /** The largest of {@code masses / products} and its inverses; infinite where a product is 0. */
    private static double extremeScale(double[] masses, double[] products, int count) {
        double largest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int k = 0; k < count; k++) {
            double inverse = products[k] / masses[k];
            if (inverse > largest) {
                largest = inverse;
            }
            if (inverse < smallest) {
                smallest = inverse;
            }
        }
        return Math.max(largest, 1 / smallest);
    }

    /** Moves the column scaling into the potentials. */
    private void absorb(double epsilon) {
        for (int j = 0; j < columns; j++) {
            potentials[j] += epsilon * Math.log(columnScale[j]);
        }
        Arrays.fill(columnScale, 0, columns, 1.0);
    }

    /** One row and one column update of the potentials, exact however far apart the costs are. */
    private void iterateInLogDomain(double epsilon) {
        Arrays.fill(columnProduct, 0, columns, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < rows; i++) {
            double f = epsilon * (Math.log(rowMass[i]) - logSumExp(i, epsilon));
            for (int j = 0; j < columns; j++) {
                double x = (f - costs[i][j]) / epsilon;
                kernel[i][j] = x;
                columnProduct[j] = Math.max(columnProduct[j], x);
            }
        }
        for (int j = 0; j < columns; j++) {
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                sum += Math.exp(kernel[i][j] - columnProduct[j]);
            }
            potentials[j] = epsilon * (Math.log(columnMass[j]) - columnProduct[j] - Math.log(sum));
        }
    }

    private double logSumExp(int row, double epsilon) {
        double max = fillExponents(row, epsilon);
        double sum = 0;
        for (int j = 0; j < columns; j++) {
            sum += Math.exp(kernel[row][j] - max);
        }
        return max + Math.log(sum);
    }

    /** Writes {@code (g_j − cost_ij) / ε} to the kernel's row and returns its maximum. */
    private double fillExponents(int row, double epsilon) {
        double[] cost = costs[row];
        double[] exponents = kernel[row];
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < columns; j++) {
            double exponent = (potentials[j] - cost[j]) / epsilon;
            exponents[j] = exponent;
            if (exponent > max) {
                max = exponent;
            }
        }
        return max;
    }

    private void makeKernel(double epsilon) {
        for (int i = 0; i < rows; i++) {
            double max = fillExponents(i, epsilon);
            double[] row = kernel[i];
            for (int j = 0; j < columns; j++) {
                double x = row[j] - max;
                row[j] = x < LOG_NEGLIGIBLE ? 0 : Math.exp(x);
            }
        }
        restart();
    }

    /**
     * The kernel at half of ε, before the column scaling is absorbed: the squares of the scaled values. Saves the
     * exponentials.
     */
    private void squareKernel() {
        for (int i = 0; i < rows; i++) {
            square(kernel[i]);
        }
        restart();
    }

    private void square(double[] row) {
        double max = 0;
        for (int j = 0; j < columns; j++) {
            double scaled = row[j] * columnScale[j];
            row[j] = scaled;
            if (scaled > max) {
                max = scaled;
            }
        }
        double scale = 1 / max;
        for (int j = 0; j < columns; j++) {
            double x = row[j] * scale;
            row[j] = x * x < NEGLIGIBLE ? 0 : x * x;
        }
    }

    /** The kernel is new: nothing has converged. */
    private void restart() {
        Arrays.fill(rowScale, 0.0);
    }
}
