package io.residua.evaluator.quality;

import static java.util.Objects.checkIndex;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Exact nearest neighbours by cosine. Products of blocks of rows, on all processors. A row of zeros has cosine 0 with every
 * row. Rows are added by one thread.
 */
public final class CosineNeighbours {
    /** Rows per block: with 768 floats a block fits into a processor's second-level cache. */
    private static final int BLOCK = 256;
    /** Queries that share a pass over the rows. */
    private static final int QUERIES = 32;

    private final int dim;
    /** Rows of unit length, [dim × BLOCK] each: an element of all its rows lies together. */
    private final float[][] blocks;

    private int rows;

    /**
     * Room for {@code capacity} rows.
     *
     * @param dim floats per row
     */
    public CosineNeighbours(int dim, int capacity) {
        this.dim = dim;
        blocks = new float[(capacity + BLOCK - 1) / BLOCK][];
    }

    /** Adds a row of finite floats, which begins at {@code offset}. */
    public void add(float[] embeddings, int offset) {
        double squares = 0;
        for (int d = 0; d < dim; d++) {
            squares += (double) embeddings[offset + d] * embeddings[offset + d];
        }
        double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
        int block = rows / BLOCK;
        if (blocks[block] == null) {
            blocks[block] = new float[dim * BLOCK];
        }
        for (int d = 0; d < dim; d++) {
            blocks[block][d * BLOCK + rows % BLOCK] = (float) (scale * embeddings[offset + d]);
        }
        rows++;
    }

    /** Number of rows added. */
    public int rows() {
        return rows;
    }

    /**
     * The rows with the greatest cosine to each query, which is a row itself and not its own neighbour. Of equal ones the
     * first rows are taken.
     *
     * @param queries numbers of rows
     * @param count neighbours per query, fewer than there are rows
     * @return row numbers [queries × count], nearest first
     */
    public int[] nearest(int[] queries, int count) {
        checkIndex(count, rows);
        int[] nearest = new int[queries.length * count];
        IntStream.range(0, (queries.length + QUERIES - 1) / QUERIES).parallel().forEach(group -> {
            int first = group * QUERIES;
            int size = Math.min(QUERIES, queries.length - first);
            search(Arrays.copyOfRange(queries, first, first + size), count, nearest, first * count);
        });
        return nearest;
    }

    private void search(int[] queries, int count, int[] out, int outOffset) {
        float[] vectors = new float[queries.length * dim];
        for (int i = 0; i < queries.length; i++) {
            copy(queries[i], vectors, i * dim);
        }
        float[] best = new float[queries.length * count];
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        float[] cosines = new float[BLOCK];
        for (int first = 0; first < rows; first += BLOCK) {
            int size = Math.min(BLOCK, rows - first);
            for (int i = 0; i < queries.length; i++) {
                multiply(vectors, i * dim, blocks[first / BLOCK], cosines);
                if (queries[i] >= first && queries[i] < first + size) {
                    cosines[queries[i] - first] = Float.NEGATIVE_INFINITY;
                }
                for (int row = 0; row < size; row++) {
                    if (cosines[row] > best[(i + 1) * count - 1]) {
                        insert(cosines[row], first + row, best, out, i * count, outOffset + i * count, count);
                    }
                }
            }
        }
    }

    private void copy(int row, float[] vector, int offset) {
        float[] block = blocks[row / BLOCK];
        for (int d = 0; d < dim; d++) {
            vector[offset + d] = block[d * BLOCK + row % BLOCK];
        }
    }

    private void multiply(float[] vectors, int offset, float[] block, float[] products) {
        Arrays.fill(products, 0);
        int d = 0;
        for (; d + 4 <= dim; d += 4) {
            addFour(vectors, offset + d, block, d * BLOCK, products);
        }
        for (; d < dim; d++) {
            float element = vectors[offset + d];
            for (int row = 0; row < BLOCK; row++) {
                products[row] += element * block[d * BLOCK + row];
            }
        }
    }

    /** Four elements in one pass over the products. A loop of its own, which the compiler vectorises. */
    private static void addFour(float[] vectors, int offset, float[] block, int at, float[] products) {
        float v0 = vectors[offset];
        float v1 = vectors[offset + 1];
        float v2 = vectors[offset + 2];
        float v3 = vectors[offset + 3];
        for (int row = 0; row < BLOCK; row++) {
            products[row] += v0 * block[at + row]
                    + v1 * block[at + BLOCK + row]
                    + v2 * block[at + 2 * BLOCK + row]
                    + v3 * block[at + 3 * BLOCK + row];
        }
    }

    /** Puts a row where its cosine belongs among the best, the last of which it replaces. */
    private static void insert(
            float cosine, int row, float[] best, int[] rows, int bestOffset, int rowsOffset, int count) {
        int at = count - 1;
        while (at > 0 && best[bestOffset + at - 1] < cosine) {
            best[bestOffset + at] = best[bestOffset + at - 1];
            rows[rowsOffset + at] = rows[rowsOffset + at - 1];
            at--;
        }
        best[bestOffset + at] = cosine;
        rows[rowsOffset + at] = row;
    }
}
