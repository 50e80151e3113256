package io.residua.common.resolve;

import java.util.Arrays;

/**
 * Gives every row of a matrix a column of its own at the least total cost. Rows are added one at a time; each takes
 * the shortest path, in reduced costs, from itself to a free column (Dijkstra over a dense matrix) and moves the rows
 * on that path. Costs may be negative. Ties go to the lowest column.
 */
final class ShortestAugmentingPaths {
    private static final int NONE = -1;

    private final double[] costs;
    private final int rows;
    private final int columns;
    private final double[] rowPrice;
    private final double[] columnPrice;
    private final int[] rowOf;
    private final int[] columnOf;

    // Of the path search that is under way: per column its distance, the row before it, and whether it is settled.
    private final double[] reach;
    private final int[] before;
    private final boolean[] settled;

    /**
     * Sets up one problem.
     *
     * @param costs row-major [rows × columns]
     * @param rows at least 1, at most {@code columns}
     * @param columns at least 1
     */
    ShortestAugmentingPaths(double[] costs, int rows, int columns) {
        this.costs = costs;
        this.rows = rows;
        this.columns = columns;
        rowPrice = new double[rows];
        columnPrice = new double[columns];
        rowOf = new int[columns];
        columnOf = new int[rows];
        reach = new double[columns];
        before = new int[columns];
        settled = new boolean[columns];
        Arrays.fill(rowOf, NONE);
        Arrays.fill(columnOf, NONE);
    }

    /** The column of each row. */
    int[] solve() {
        for (int row = 0; row < rows; row++) {
            int column = search(row);
            augment(row, column);
        }
        return columnOf;
    }

    /** Settles columns in order of distance from {@code start} until one is free; returns that one. */
    private int search(int start) {
        Arrays.fill(reach, Double.POSITIVE_INFINITY);
        Arrays.fill(settled, false);
        int row = start;
        double distance = 0;
        while (true) {
            int nearest = relax(row, distance);
            distance = reach[nearest];
            settled[nearest] = true;
            if (rowOf[nearest] == NONE) {
                reprice(start, distance);
                return nearest;
            }
            row = rowOf[nearest];
        }
    }

    /** Shortens the ways to the open columns through {@code row}; returns the nearest of them. */
    private int relax(int row, double distance) {
        int nearest = NONE;
        int offset = row * columns;
        double base = distance - rowPrice[row];
        for (int j = 0; j < columns; j++) {
            if (settled[j]) {
                continue;
            }
            double way = base + costs[offset + j] - columnPrice[j];
            if (way < reach[j]) {
                reach[j] = way;
                before[j] = row;
            }
            if (nearest == NONE || reach[j] < reach[nearest] || isFreeTie(j, nearest)) {
                nearest = j;
            }
        }
        return nearest;
    }

    /** A free column ends the search at once, so it goes before a taken one at the same distance. */
    private boolean isFreeTie(int column, int nearest) {
        return reach[column] == reach[nearest] && rowOf[column] == NONE && rowOf[nearest] != NONE;
    }

    /** Keeps reduced costs non-negative, and zero along what is assigned. */
    private void reprice(int start, double length) {
        rowPrice[start] += length;
        for (int j = 0; j < columns; j++) {
            if (settled[j]) {
                double shortening = length - reach[j];
                columnPrice[j] -= shortening;
                if (rowOf[j] != NONE) {
                    rowPrice[rowOf[j]] += shortening;
                }
            }
        }
    }

    private void augment(int start, int freeColumn) {
        int column = freeColumn;
        int row;
        do {
            row = before[column];
            rowOf[column] = row;
            int previous = columnOf[row];
            columnOf[row] = column;
            column = previous;
        } while (row != start);
    }
}
