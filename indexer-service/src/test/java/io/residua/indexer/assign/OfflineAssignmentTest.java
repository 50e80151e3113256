package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.CollisionResolver;
import io.residua.common.resolve.OptimalResolver;
import io.residua.common.resolve.SinkhornResolver;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OfflineAssignmentTest {
    private static final Codebooks CODEBOOKS = StageHarness.CODEBOOKS;
    private static final int E_DIM = 2;

    static Stream<Named<Supplier<CollisionResolver>>> resolvers() {
        return Stream.of(Named.of("sinkhorn", SinkhornResolver::new), Named.of("optimal", OptimalResolver::new));
    }

    @Test
    void ofThoseThatShareTheirNearestCodeTheNearestKeepsIt() {
        // Given
        float[] latents = {11.4f, 0, 12.1f, 0, -10, 0};
        int[] codes = nearest(CODEBOOKS, latents);
        assertThat(codes).containsExactly(1, 2, 1, 2, 0, 1);

        // When
        int[] unplaced = new OfflineAssignment(CODEBOOKS, SinkhornResolver::new).resolve(codes, latents);

        // Then
        assertThat(unplaced).isEmpty();
        assertThat(codes).containsExactly(1, 1, 1, 2, 0, 1);
    }

    @ParameterizedTest
    @MethodSource("resolvers")
    void itemsFillEveryCodeWithinReachAndOnlyTheRestIsLeft(Supplier<CollisionResolver> resolvers) {
        // Given
        Random random = new Random(3);
        float[] latents = new float[20 * E_DIM];
        for (int i = 0; i < latents.length; i += E_DIM) {
            latents[i] = (float) random.nextGaussian() * 10;
        }
        int[] codes = nearest(CODEBOOKS, latents);

        // When
        int[] unplaced = new OfflineAssignment(CODEBOOKS, resolvers).resolve(codes, latents);

        // Then
        assertThat(distinct(codes, 2)).isEqualTo(6);
        assertThat(unplaced).hasSize(14).isSorted().doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("resolvers")
    void noCodeIsGivenTwiceNorOneThatIsHeld(Supplier<CollisionResolver> resolvers) {
        // Given
        Codebooks codebooks = random(new int[] {8, 8, 16}, new Random(5));
        float[] latents = clusters(500, new Random(6));
        int[] published = nearest(codebooks, clusters(60, new Random(7)));
        int[] codes = nearest(codebooks, latents);
        OfflineAssignment assignment = new OfflineAssignment(codebooks, resolvers);

        // When
        assignment.hold(published);
        int[] unplaced = assignment.resolve(codes, latents);

        // Then
        assertThat(unplaced).isEmpty();
        assertThat(distinct(codes, 3)).isEqualTo(500);
        assertThat(codesOf(codes, 3)).doesNotContainAnyElementsOf(codesOf(published, 3));
    }

    @Test
    void sameRowsGetTheSameCodesHoweverManyThreadsThereAre() {
        // Given
        Codebooks codebooks = random(new int[] {8, 8, 16}, new Random(5));
        float[] latents = clusters(800, new Random(6));
        int[] first = nearest(codebooks, latents);
        int[] second = first.clone();

        // When
        new OfflineAssignment(codebooks, SinkhornResolver::new).resolve(first, latents);
        new OfflineAssignment(codebooks, SinkhornResolver::new).resolve(second, latents);

        // Then
        assertThat(second).containsExactly(first);
    }

    @Test
    void optimalIsNeverDearerThanSinkhornWherePrefixesHaveRoom() {
        for (int seed = 0; seed < 20; seed++) {
            // Given
            Codebooks codebooks = random(new int[] {8, 8, 64}, new Random(seed));
            float[] latents = clusters(300, new Random(100 + seed));
            int[] nearest = nearest(codebooks, latents);
            int[] optimal = nearest.clone();
            int[] sinkhorn = nearest.clone();

            // When
            new OfflineAssignment(codebooks, OptimalResolver::new).resolve(optimal, latents);
            new OfflineAssignment(codebooks, SinkhornResolver::new).resolve(sinkhorn, latents);

            // Then
            double least = error(codebooks, latents, optimal);
            assertThat(least).isLessThanOrEqualTo(error(codebooks, latents, sinkhorn) * (1 + 1e-9));
            assertThat(least).isGreaterThan(error(codebooks, latents, nearest));
        }
    }

    @Test
    void moreItemsThanOneBlockTakesStillGetCodesOfTheirOwn() {
        // Given: all rows alike, more than two blocks of the prefix, and fewer than there are codes
        Codebooks codebooks = random(new int[] {4, 8, 16}, new Random(5));
        float[] latents = new float[150 * E_DIM];
        int[] codes = nearest(codebooks, latents);

        // When
        int[] unplaced = new OfflineAssignment(codebooks, SinkhornResolver::new).resolve(codes, latents);

        // Then
        assertThat(unplaced).isEmpty();
        assertThat(distinct(codes, 3)).isEqualTo(150);
    }

    @Test
    void identicalRowsFillEveryPrefixWithinReach() {
        // Given: more rows than codes, and more prefixes than an order begins with
        Codebooks codebooks = random(new int[] {40, 2}, new Random(5));
        float[] latents = new float[100 * E_DIM];
        int[] codes = nearest(codebooks, latents);

        // When
        int[] unplaced = new OfflineAssignment(codebooks, SinkhornResolver::new).resolve(codes, latents);

        // Then
        assertThat(unplaced).hasSize(20).isSorted().doesNotHaveDuplicates();
        assertThat(distinct(codes, 2)).isEqualTo(80);
    }

    private static Codebooks random(int[] sizes, Random random) {
        float[][] entries = new float[sizes.length][];
        for (int level = 0; level < sizes.length; level++) {
            entries[level] = new float[sizes[level] * E_DIM];
            for (int i = 0; i < entries[level].length; i++) {
                entries[level][i] = (float) random.nextGaussian() / (1 << (2 * level));
            }
        }
        return Codebooks.of(E_DIM, entries);
    }

    /** Items near 40 places. */
    private static float[] clusters(int items, Random random) {
        float[] latents = new float[items * E_DIM];
        Random places = new Random(1);
        float[] place = new float[40 * E_DIM];
        for (int i = 0; i < place.length; i++) {
            place[i] = (float) places.nextGaussian();
        }
        for (int item = 0; item < items; item++) {
            int at = random.nextInt(40);
            for (int d = 0; d < E_DIM; d++) {
                latents[item * E_DIM + d] = place[at * E_DIM + d] + 0.05f * (float) random.nextGaussian();
            }
        }
        return latents;
    }

    private static double error(Codebooks codebooks, float[] latents, int[] codes) {
        double sum = 0;
        for (int item = 0; item < latents.length / E_DIM; item++) {
            sum += codebooks.error(latents, item * E_DIM, codes, item * codebooks.levels());
        }
        return sum;
    }

    private static int[] nearest(Codebooks codebooks, float[] latents) {
        int levels = codebooks.levels();
        int[] codes = new int[latents.length / E_DIM * levels];
        for (int item = 0; item < latents.length / E_DIM; item++) {
            int[] code = codebooks.nearest(Arrays.copyOfRange(latents, item * E_DIM, (item + 1) * E_DIM));
            System.arraycopy(code, 0, codes, item * levels, levels);
        }
        return codes;
    }

    private static int distinct(int[] codes, int levels) {
        return codesOf(codes, levels).size();
    }

    private static Set<String> codesOf(int[] codes, int levels) {
        Set<String> distinct = new HashSet<>();
        for (int offset = 0; offset < codes.length; offset += levels) {
            distinct.add(Arrays.toString(Arrays.copyOfRange(codes, offset, offset + levels)));
        }
        return distinct;
    }
}
