package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceCollisionLoopTest {
    private static final int DIM = 4;
    private static final int LEVELS = 3;
    private static final double CLEAR = 1e-9;

    static Stream<Named<JsonNode>> cases() throws IOException {
        return StreamSupport.stream(
                        Golden.json("collision_loop.json").get("cases").spliterator(), false)
                .map(golden -> Named.of(golden.get("name").asText(), golden));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyRoundGivesTheReferencesCodesWhereTheyAreClear(JsonNode golden) throws Exception {
        // Given
        ReferenceCollisionLoop loop = loop(golden);
        int[] before = Golden.codes(golden.get("initial_codes"));
        int compared = 0;

        for (JsonNode iteration : golden.get("iterations")) {
            // When
            int[] codes = before.clone();
            boolean collided = loop.resolveOnce(codes);

            // Then
            assertThat(collided).isTrue();
            compared += assertClearMembersAgree(iteration, codes);
            assertOnlyGroupMembersChanged(iteration, before, codes);
            before = Golden.codes(iteration.get("codes_after"));
        }
        assertThat(compared).isGreaterThan(100);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void wholeLoopKeepsTheReferencesInvariants(JsonNode golden) throws Exception {
        // Given
        int[] initial = Golden.codes(golden.get("initial_codes"));
        int[] codes = initial.clone();

        // When
        int rounds = loop(golden).resolve(codes, 20);

        // Then
        assertThat(rounds).isEqualTo(golden.get("iterations").size());
        for (int item = 0; item < codes.length / LEVELS; item++) {
            assertThat(prefix(codes, item)).containsExactly(prefix(initial, item));
        }
        assertThat(code(codes, 37)).containsExactly(code(codes, 0));
        assertThat(code(codes, 39)).containsExactly(code(codes, 0));
        assertThat(code(codes, 38)).containsExactly(code(codes, 1));
        assertThat(distinct(codes)).isEqualTo(distinct(Golden.codes(golden.get("final_codes"))));
    }

    @Test
    void codesWithoutCollisionsAreLeftAlone() {
        // Given
        float[][] codebooks = {{0, 10}, {1, 2}};
        ReferenceCollisionLoop loop = new ReferenceCollisionLoop(new float[] {1, 2, 11}, 1, codebooks, 0, 50);
        int[] codes = {0, 0, 0, 1, 1, 0};

        // When
        int rounds = loop.resolve(codes, 20);

        // Then
        assertThat(rounds).isZero();
        assertThat(codes).containsExactly(0, 0, 0, 1, 1, 0);
    }

    @Test
    void refusesCodesOfAnotherSize() {
        // Given
        ReferenceCollisionLoop loop = new ReferenceCollisionLoop(new float[4], 2, new float[2][6], 0, 50);

        // When, Then
        assertThatThrownBy(() -> loop.resolve(new int[3], 20))
                .hasMessage("codes has 3 values, expected 2 items x 2 levels");
    }

    private static ReferenceCollisionLoop loop(JsonNode golden) throws Exception {
        JsonNode weights = Golden.json("weights.json").get("state_dict");
        float[][] codebooks = new float[LEVELS][];
        for (int level = 0; level < LEVELS; level++) {
            codebooks[level] = Golden.floats(
                    weights.get("rq.vq_layers." + level + ".embedding.weight").get("data"));
        }
        double epsilon = golden.get("sk_epsilons").get(LEVELS - 1).asDouble();
        return new ReferenceCollisionLoop(Golden.npyFloats("encoder_out.npy"), DIM, codebooks, epsilon, 50);
    }

    private static int assertClearMembersAgree(JsonNode iteration, int[] codes) {
        int compared = 0;
        for (JsonNode group : iteration.get("groups")) {
            for (int k = 0; k < group.get("items").size(); k++) {
                if (group.get("last_layer_argmax_margin").get(k).asDouble() > CLEAR) {
                    int[] expected = Golden.codes(group.get("new_codes"));
                    assertThat(code(codes, group.get("items").get(k).asInt())).containsExactly(code(expected, k));
                    compared++;
                }
            }
        }
        return compared;
    }

    private static void assertOnlyGroupMembersChanged(JsonNode iteration, int[] before, int[] after) {
        Set<Integer> members = new HashSet<>();
        iteration.get("groups").forEach(group -> group.get("items").forEach(item -> members.add(item.asInt())));
        for (int item = 0; item < after.length / LEVELS; item++) {
            if (members.contains(item)) {
                assertThat(prefix(after, item)).containsExactly(prefix(before, item));
            } else {
                assertThat(code(after, item)).containsExactly(code(before, item));
            }
        }
    }

    private static int[] code(int[] codes, int item) {
        return Arrays.copyOfRange(codes, item * LEVELS, (item + 1) * LEVELS);
    }

    private static int[] prefix(int[] codes, int item) {
        return Arrays.copyOfRange(codes, item * LEVELS, (item + 1) * LEVELS - 1);
    }

    private static long distinct(int[] codes) {
        return Stream.iterate(0, item -> item < codes.length / LEVELS, item -> item + 1)
                .map(item -> Arrays.toString(code(codes, item)))
                .distinct()
                .count();
    }
}
