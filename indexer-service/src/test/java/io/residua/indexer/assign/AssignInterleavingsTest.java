package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ItemCode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of random steps, in any order that Kafka allows. That no two items ever hold one code is checked by the
 * harness at every record.
 */
class AssignInterleavingsTest {
    private static final int STEPS = 3_000;
    private static final int ITEMS = 8;
    private static final int ROOM = 6;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverOvertakesWhatTheEndIsConsistent(long seed) {
        // Given
        Random random = new Random(seed);
        Map<String, Float> wanted = new HashMap<>();

        try (StageHarness stages = new StageHarness()) {
            // When
            for (int step = 0; step < STEPS; step++) {
                act(stages, random, step, wanted);
            }
            stages.settle();

            // Then
            assertThat(wanted.keySet()).containsAll(stages.codes().keySet());
            SortedMap<String, String> published = new TreeMap<>();
            stages.codes().forEach((item, code) -> published.put(code.codes().toString(), item));
            assertThat(stages.held()).isEqualTo(published);
            if (wanted.size() <= ROOM / 2) {
                assertThat(stages.codes().keySet()).isEqualTo(wanted.keySet());
            }
            stages.codes().forEach((item, code) -> requireLatestOrKept(stages, item, code, wanted.get(item)));
        }
    }

    /** A published code is the one of the newest embedding, unless that one found its prefix full. */
    private static void requireLatestOrKept(StageHarness stages, String item, ItemCode code, float x) {
        int[] nearest = StageHarness.CODEBOOKS.nearest(new float[] {x, 0});
        boolean latest =
                code.nearestCodes().equals(Arrays.stream(nearest).boxed().toList());
        boolean refused =
                stages.deadLetters().stream().anyMatch(letter -> new String(letter.key(), UTF_8).equals(item));
        assertThat(latest || refused)
                .as("code %s of item %s at %s", code.codes(), item, x)
                .isTrue();
    }

    private static void act(StageHarness stages, Random random, long offset, Map<String, Float> wanted) {
        String item = "item-" + random.nextInt(ITEMS);
        switch (random.nextInt(6)) {
            case 0 -> {
                float x = (random.nextBoolean() ? 10 : -10) + (random.nextInt(9) - 4) * 0.3f;
                stages.embed(item, offset, x);
                wanted.put(item, x);
            }
            case 1 -> {
                stages.delete(item, offset);
                wanted.remove(item);
            }
            case 2, 3 -> any(random, stages.prefixesWithRequests(), stages::deliverRequest);
            case 4 -> any(random, stages.prefixesWithGrants(), stages::deliverGrant);
            default -> stages.resolve();
        }
    }

    private static void any(Random random, List<String> prefixes, java.util.function.Consumer<String> action) {
        if (!prefixes.isEmpty()) {
            action.accept(prefixes.get(random.nextInt(prefixes.size())));
        }
    }
}
