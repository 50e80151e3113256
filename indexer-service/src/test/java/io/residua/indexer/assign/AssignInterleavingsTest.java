package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of random steps, in any order that Kafka allows: updates, deletions, repeated and outdated requests, aborted
 * transactions, restarts, markers that expire. That no two items ever hold one code, and that every held code is
 * published or on its way, is checked by the harness at every record.
 */
class AssignInterleavingsTest {
    private static final int STEPS = 2_500;
    private static final int ITEMS = 9;
    private static final int CODES = 6;

    private final Map<String, Float> wanted = new HashMap<>();
    private final Map<Long, String> embeddedAt = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverOvertakesWhatTheEndIsConsistent(long seed) {
        // Given
        Random random = new Random(seed);

        try (StageHarness stages = new StageHarness()) {
            // When
            for (int step = 0; step < STEPS; step++) {
                act(stages, random, step);
            }
            stages.settle();
            requireConsistent(stages);
            sendEverythingAgain(stages, STEPS);

            // Then
            requireConsistent(stages);
            assertThat(stages.codes()).hasSize(Math.min(CODES, wanted.size()));
            requireLettersOfThoseWithoutACode(stages);
        }
    }

    private void requireConsistent(StageHarness stages) {
        assertThat(wanted.keySet()).containsAll(stages.codes().keySet());
        SortedMap<String, String> published = new TreeMap<>();
        stages.codes().forEach((item, code) -> published.put(code.codes().toString(), item));
        assertThat(stages.held()).isEqualTo(published);
        assertThat(stages.waiting()).isZero();
        stages.codes().forEach((item, code) -> {
            boolean newest = code.embeddingNorm() == Math.abs(wanted.get(item));
            assertThat(newest || !lettersOf(stages, item).isEmpty())
                    .as("code %s of %s, which is at %s", code, item, wanted.get(item))
                    .isTrue();
        });
    }

    /**
     * Sent again one after another, every item is placed as long as there are codes. (Sent all at once, an item that is
     * granted a nearer code, and keeps its own, can hold both for a moment, so that another one finds none.)
     */
    private void sendEverythingAgain(StageHarness stages, long firstOffset) {
        long offset = firstOffset;
        for (Map.Entry<String, Float> item : new TreeMap<>(wanted).entrySet()) {
            embed(stages, item.getKey(), offset++, item.getValue());
            stages.settle();
        }
    }

    private void requireLettersOfThoseWithoutACode(StageHarness stages) {
        Set<String> without = new HashSet<>(wanted.keySet());
        without.removeAll(stages.codes().keySet());
        assertThat(without).allSatisfy(item -> assertThat(lettersOf(stages, item))
                .as("letters of %s", item)
                .contains(newestOffset(item)));
    }

    private long newestOffset(String item) {
        return embeddedAt.entrySet().stream()
                .filter(entry -> entry.getValue().equals(item))
                .mapToLong(Map.Entry::getKey)
                .max()
                .orElseThrow();
    }

    /** Source offsets of an item's dead letters. */
    private static Set<Long> lettersOf(StageHarness stages, String item) {
        return stages.deadLetters().stream()
                .filter(letter -> new String(letter.key(), UTF_8).equals(item))
                .map(letter -> Long.valueOf(new String(
                        letter.headers().lastHeader("dead-letter-offset").value(), UTF_8)))
                .collect(Collectors.toSet());
    }

    private void embed(StageHarness stages, String item, long offset, float x) {
        stages.embed(item, new SourcePosition(0, offset, offset), x);
        wanted.put(item, x);
        embeddedAt.put(offset, item);
    }

    private void act(StageHarness stages, Random random, long offset) {
        String item = "item-" + random.nextInt(ITEMS);
        switch (random.nextInt(40)) {
            case 0, 1, 2, 3, 4, 5 -> {
                float x = (random.nextBoolean() ? 10 : -10) + (random.nextInt(9) - 4) * 0.3f;
                embed(stages, item, offset, x);
            }
            case 6, 7, 8 -> {
                stages.delete(item, offset);
                wanted.remove(item);
            }
            case 9 -> {
                if (stages.requestsSent() > 0) {
                    stages.repeatRequest(random.nextInt(stages.requestsSent()));
                }
            }
            case 10 -> stages.abortRequests();
            case 11 -> stages.abortGrants();
            case 12 -> stages.restart();
            case 13 -> {
                // Markers go: all that is in flight is answered before the floor is captured.
                if (random.nextInt(8) == 0) {
                    stages.settle();
                    stages.floor(Long.MAX_VALUE, offset);
                    stages.waitFor(Duration.ofHours(25));
                }
            }
            case 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25 ->
                any(random, stages.requestQueues(), stages::deliverRequest);
            case 26, 27, 28, 29, 30, 31, 32, 33, 34, 35 -> any(random, stages.grantQueues(), stages::deliverGrant);
            default -> stages.resolve();
        }
    }

    private static void any(Random random, List<String> queues, Consumer<String> action) {
        if (!queues.isEmpty()) {
            action.accept(queues.get(random.nextInt(queues.size())));
        }
    }
}
