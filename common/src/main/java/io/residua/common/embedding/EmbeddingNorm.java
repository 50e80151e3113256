package io.residua.common.embedding;

import java.nio.FloatBuffer;

/** The length of an embedding. */
public final class EmbeddingNorm {
    private EmbeddingNorm() {}

    /**
     * The Euclidean norm of {@code dim} float32 numbers, summed in float64. Takes O(dim), allocates nothing.
     *
     * @param vector holds the numbers
     * @param offset absolute index of the first one; the buffer's position does not matter
     * @param dim how many
     */
    public static double of(FloatBuffer vector, int offset, int dim) {
        double sum = 0;
        for (int i = offset; i < offset + dim; i++) {
            double x = vector.get(i);
            sum += x * x;
        }
        return Math.sqrt(sum);
    }
}
