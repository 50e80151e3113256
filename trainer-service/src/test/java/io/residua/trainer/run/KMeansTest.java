package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KMeansTest {
    private static final int D = 6;
    private static final int THREADS = 2;

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 6})
    void everyPointIsWithItsNearestCentreAndInertiaIsTheirDistances(int d) {
        // Given
        float[] points = blobs(1200, 12, 0.3, new SplittableRandom(1));
        int n = points.length / d;

        // When
        KMeans.Clusters clusters = KMeans.cluster(points, d, 9, 50, new SplittableRandom(2), THREADS);

        // Then
        double inertia = 0;
        for (int i = 0; i < n; i++) {
            double[] distances = new double[9];
            for (int c = 0; c < 9; c++) {
                distances[c] = squaredDistance(points, i, clusters.centres(), c, d);
            }
            double least = Arrays.stream(distances).min().orElseThrow();
            assertThat(distances[clusters.assigned()[i]]).isCloseTo(least, within(1e-5));
            inertia += least;
        }
        assertThat(clusters.inertia()).isCloseTo(inertia, within(1e-4 * inertia));
    }

    @Test
    void separateBlobsAreFoundAsWellAsByTheirOwnMeans() {
        // Given
        float[] points = blobs(600, 12, 0.01, new SplittableRandom(3));
        double best = inertiaOfBlobs(points, 12);

        // When
        KMeans.Clusters clusters = KMeans.cluster(points, D, 12, 100, new SplittableRandom(4), THREADS);

        // Then
        assertThat(clusters.inertia()).isLessThan(1.001 * best);
    }

    @Test
    void noInertiaIsLeftWhereThereAreNoMorePointsThanClusters() {
        // Given
        float[] points = blobs(8, 8, 0.5, new SplittableRandom(5));

        // When
        KMeans.Clusters clusters = KMeans.cluster(points, D, 16, 20, new SplittableRandom(6), THREADS);

        // Then
        assertThat(clusters.inertia()).isCloseTo(0, within(1e-9));
        assertThat(clusters.centres()).hasSize(16 * D).doesNotContain(Float.NaN);
    }

    @Test
    void equalSeedsGiveEqualClustersWithAnyNumberOfThreads() {
        // Given
        float[] points = blobs(5000, 20, 0.4, new SplittableRandom(7));

        // When
        KMeans.Clusters one = KMeans.cluster(points, D, 10, 30, new SplittableRandom(8), 1);
        KMeans.Clusters many = KMeans.cluster(points, D, 10, 30, new SplittableRandom(8), 5);

        // Then
        assertThat(many.centres()).isEqualTo(one.centres());
        assertThat(many.assigned()).isEqualTo(one.assigned());
        assertThat(many.inertia()).isEqualTo(one.inertia());
    }

    @Test
    void pointsFarFromTheOriginAreClusteredAsWell() {
        // Given
        float[] points = blobs(600, 12, 0.01, new SplittableRandom(3));
        for (int i = 0; i < points.length; i++) {
            points[i] += 1000;
        }
        double best = inertiaOfBlobs(points, 12);

        // When
        KMeans.Clusters clusters = KMeans.cluster(points, D, 12, 100, new SplittableRandom(4), THREADS);

        // Then
        assertThat(clusters.inertia()).isLessThan(1.01 * best);
    }

    private static double inertiaOfBlobs(float[] points, int blobs) {
        int n = points.length / D;
        float[] means = new float[blobs * D];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < D; j++) {
                means[i % blobs * D + j] += points[i * D + j] * blobs / n;
            }
        }
        double inertia = 0;
        for (int i = 0; i < n; i++) {
            inertia += squaredDistance(points, i, means, i % blobs, D);
        }
        return inertia;
    }

    private static double squaredDistance(float[] points, int point, float[] centres, int centre, int d) {
        double sum = 0;
        for (int j = 0; j < d; j++) {
            double difference = points[point * d + j] - centres[centre * d + j];
            sum += difference * difference;
        }
        return sum;
    }

    /** Point i belongs to blob i mod {@code blobs}. */
    private static float[] blobs(int n, int blobs, double spread, SplittableRandom random) {
        float[] centres = new float[blobs * D];
        for (int i = 0; i < centres.length; i++) {
            centres[i] = (float) random.nextDouble(-2, 2);
        }
        float[] points = new float[n * D];
        for (int i = 0; i < points.length; i++) {
            points[i] = centres[i / D % blobs * D + i % D] + (float) (spread * random.nextGaussian());
        }
        return points;
    }
}
