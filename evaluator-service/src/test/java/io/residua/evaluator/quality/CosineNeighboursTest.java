package io.residua.evaluator.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CosineNeighboursTest {
    @ParameterizedTest
    @CsvSource({"2, 2, 1", "40, 3, 5", "256, 4, 10", "257, 7, 10", "700, 33, 10"})
    void neighboursAreThoseOfAPlainSearch(int rows, int dim, int count) {
        // Given
        Random random = new Random(rows);
        float[] embeddings = new float[rows * dim];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = (float) random.nextGaussian();
        }
        CosineNeighbours neighbours = new CosineNeighbours(dim, rows);
        for (int row = 0; row < rows; row++) {
            neighbours.add(embeddings, row * dim);
        }
        int[] queries = IntStream.range(0, rows).filter(row -> row % 3 == 0).toArray();

        // When
        int[] nearest = neighbours.nearest(queries, count);

        // Then
        for (int i = 0; i < queries.length; i++) {
            int query = queries[i];
            int[] expected = IntStream.range(0, rows)
                    .filter(row -> row != query)
                    .boxed()
                    .sorted(Comparator.comparingDouble(row -> -cosine(embeddings, dim, query, row)))
                    .limit(count)
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int rank = 0; rank < count; rank++) {
                assertThat(nearest[i * count + rank]).isEqualTo(expected[rank]);
            }
        }
    }

    @Test
    void lengthOfARowDoesNotMatterAndZerosAreNearNobody() {
        // Given
        float[] embeddings = {1, 0, 0, 0, 100, 1, -1, 0.1f};
        CosineNeighbours neighbours = new CosineNeighbours(2, 4);
        for (int row = 0; row < 4; row++) {
            neighbours.add(embeddings, 2 * row);
        }

        // When
        int[] nearest = neighbours.nearest(new int[] {0}, 3);

        // Then
        assertThat(nearest).containsExactly(2, 1, 3);
    }

    @Test
    void moreNeighboursThanOtherRowsAreRefused() {
        // Given
        CosineNeighbours neighbours = new CosineNeighbours(1, 1);
        neighbours.add(new float[] {1}, 0);

        // When / Then
        assertThatThrownBy(() -> neighbours.nearest(new int[] {0}, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static double cosine(float[] embeddings, int dim, int first, int second) {
        double product = 0;
        double squares1 = 0;
        double squares2 = 0;
        for (int d = 0; d < dim; d++) {
            double a = embeddings[first * dim + d];
            double b = embeddings[second * dim + d];
            product += a * b;
            squares1 += a * a;
            squares2 += b * b;
        }
        return product / Math.sqrt(squares1 * squares2);
    }
}
