package io.residua.common.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    @Test
    void valuesStayAsTheyAreStored() {
        // Given
        float[] vector = {0.5f, -1.25f, 3e-20f, 7};

        // When
        long even = Fingerprint.of(FloatBuffer.wrap(vector), 0, 4);
        long odd = Fingerprint.of(FloatBuffer.wrap(vector), 0, 3);

        // Then
        assertThat(Long.toHexString(even)).isEqualTo("30d4145bec5818fb");
        assertThat(Long.toHexString(odd)).isEqualTo("4e9e346a75600e2a");
    }

    @Test
    void negativeZeroCountsAsZero() {
        // Given
        float[] zero = {0f, 1f, 0f};
        float[] negative = {-0f, 1f, -0f};

        // When
        long ofZero = fingerprint(zero);
        long ofNegative = fingerprint(negative);

        // Then
        assertThat(ofNegative).isEqualTo(ofZero);
    }

    @Test
    void kindAndOffsetOfTheBufferDoNotMatter() {
        // Given
        float[] vector = {1, 2, 3};
        FloatBuffer direct = ByteBuffer.allocateDirect(20).asFloatBuffer();
        direct.put(2, vector);

        // When
        long fingerprint = Fingerprint.of(direct, 2, 3);

        // Then
        assertThat(fingerprint).isEqualTo(fingerprint(vector));
    }

    @Test
    void everySingleBitOfTheVectorChangesAboutHalfOfTheHash() {
        // Given
        float[] vector = gaussians(7, 7);
        long original = fingerprint(vector);
        double changedBits = 0;

        for (int bit = 0; bit < 7 * 32; bit++) {
            // When
            float[] changed = vector.clone();
            int element = bit / 32;
            changed[element] = Float.intBitsToFloat(Float.floatToRawIntBits(vector[element]) ^ 1 << bit % 32);
            int distance = Long.bitCount(original ^ fingerprint(changed));

            // Then
            assertThat(distance).as("bit %d", bit).isBetween(12, 52);
            changedBits += distance;
        }
        assertThat(changedBits / (7 * 32)).isCloseTo(32, within(1.0));
    }

    @Test
    void manySimilarVectorsHaveDifferentFingerprints() {
        // Given
        Set<Long> seen = new HashSet<>();
        float[] vector = new float[8];
        int n = 0;

        // When
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < i; j++) {
                for (int a = 1; a <= 60; a++) {
                    for (int b = 1; b <= 60; b++) {
                        vector[i] = a;
                        vector[j] = b;
                        seen.add(fingerprint(vector));
                        n++;
                    }
                }
                vector[j] = 0;
            }
            vector[i] = 0;
        }

        // Then
        assertThat(seen).hasSize(n);
    }

    @Test
    void flippedSignsNeverCancel() {
        // Given
        float[] vector = gaussians(12, 11);
        Set<Long> seen = new HashSet<>();

        // When
        for (int signs = 0; signs < 1 << 12; signs++) {
            float[] flipped = vector.clone();
            for (int i = 0; i < 12; i++) {
                flipped[i] = (signs >> i & 1) == 0 ? vector[i] : -vector[i];
            }
            seen.add(fingerprint(flipped));
        }

        // Then
        assertThat(seen).hasSize(1 << 12);
    }

    @Test
    void lengthIsPartOfTheHash() {
        // Given
        float[] zeros = new float[8];

        // When
        Set<Long> fingerprints = new HashSet<>();
        for (int dim = 0; dim <= 8; dim++) {
            fingerprints.add(Fingerprint.of(FloatBuffer.wrap(zeros), 0, dim));
        }

        // Then
        assertThat(fingerprints).hasSize(9);
    }

    @Test
    void normIsEuclideanAndDoesNotOverflow() {
        // Given
        FloatBuffer vector = FloatBuffer.wrap(new float[] {9, 3e30f, 4e30f});

        // When
        double norm = EmbeddingNorm.of(vector, 1, 2);

        // Then
        assertThat(norm).isCloseTo(5e30, within(1e24));
    }

    private static long fingerprint(float[] vector) {
        return Fingerprint.of(FloatBuffer.wrap(vector), 0, vector.length);
    }

    private static float[] gaussians(int n, long seed) {
        Random random = new Random(seed);
        float[] vector = new float[n];
        for (int i = 0; i < n; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return vector;
    }
}
