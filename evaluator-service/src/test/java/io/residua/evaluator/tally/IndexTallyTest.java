package io.residua.evaluator.tally;

import static io.residua.evaluator.MetricsAssert.assertSame;
import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.SIZES;
import static io.residua.evaluator.TestItems.TIME;
import static io.residua.evaluator.TestItems.item;
import static io.residua.evaluator.TestItems.recount;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Resolution;
import io.residua.evaluator.TestItems;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexTallyTest {
    private final HeapCounts store = new HeapCounts();
    private final IndexTally tally = new IndexTally(store, SIZES);

    @Test
    void emptyIndexHasNoItemsAndNoCollisions() {
        // When
        IndexMetrics metrics = tally.metrics(MODEL, TIME);

        // Then
        assertThat(metrics.items()).isZero();
        assertThat(metrics.rawCollisionRate()).isZero();
        assertThat(metrics.largestConflict()).isZero();
        assertThat(metrics.levels()).containsOnly(level(4, 0, 0), level(3, 0, 0), level(5, 0, 0));
    }

    @Test
    void collisionsAreOfTheNearestCodesAndDistinctCodesOfTheResolvedOnes() {
        // Given
        add(item(List.of(0, 0, 0), List.of(0, 0, 0), Resolution.NEAREST, 2));
        add(item(List.of(0, 0, 1), List.of(0, 0, 0), Resolution.SINKHORN, 4));
        add(item(List.of(0, 1, 2), List.of(0, 0, 0), Resolution.SPILLED, 6));
        add(item(List.of(3, 0, 0), List.of(3, 0, 0), Resolution.NEAREST, 8));

        // When
        IndexMetrics metrics = tally.metrics(MODEL, TIME);

        // Then
        assertThat(metrics.items()).isEqualTo(4);
        assertThat(metrics.distinctCodes()).isEqualTo(4);
        assertThat(metrics.rawCollisionRate()).isEqualTo(0.5);
        assertThat(metrics.largestConflict()).isEqualTo(3);
        assertThat(metrics.resolved()).isEqualTo(new IndexMetrics.Resolved(2, 1, 1));
        assertThat(metrics.meanQuantisationError()).isEqualTo(5);
        assertThat(metrics.meanNearestError()).isEqualTo(2.5);
        assertThat(metrics.levels().get(0).used()).isEqualTo(2);
        assertThat(metrics.levels().get(0).utilisation()).isEqualTo(0.5);
        assertThat(metrics.levels().get(0).entropy())
                .isCloseTo(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), within(1e-15));
        assertThat(metrics.levels().get(1)).isEqualTo(level(3, 1, 0));
    }

    @Test
    void evenUseOfAllEntriesGivesTheirNumberAsPerplexity() {
        // Given
        for (int entry = 0; entry < 4; entry++) {
            add(CodedItem.of(List.of(entry, 0, 0)));
        }

        // When
        IndexMetrics.Level level = tally.metrics(MODEL, TIME).levels().get(0);

        // Then
        assertThat(level.utilisation()).isEqualTo(1);
        assertThat(level.perplexity()).isCloseTo(4, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void countsAsARecountDoesAfterEveryRandomChange(long seed) {
        // Given
        Random random = new Random(seed);
        Map<Integer, CodedItem> items = new HashMap<>();

        for (int step = 0; step < 2000; step++) {
            // When
            Change change = randomChange(random, items);
            tally.apply(change);

            // Then
            assertSame(tally.metrics(MODEL, TIME), recount(items.values(), TIME));
        }
    }

    @Test
    void newTallyContinuesFromTheStore() {
        // Given
        Random random = new Random(5);
        Map<Integer, CodedItem> items = new HashMap<>();
        for (int step = 0; step < 500; step++) {
            tally.apply(randomChange(random, items));
        }

        // When
        IndexTally continued = new IndexTally(store, SIZES);
        for (int step = 0; step < 500; step++) {
            continued.apply(randomChange(random, items));
        }

        // Then
        assertSame(continued.metrics(MODEL, TIME), recount(items.values(), TIME));
    }

    @Test
    void emptiedIndexLeavesNothingInTheStore() {
        // Given
        Random random = new Random(6);
        List<CodedItem> items =
                Stream.generate(() -> TestItems.random(random)).limit(300).toList();
        items.forEach(this::add);

        // When
        items.forEach(item -> tally.apply(new Change(item, null)));

        // Then
        assertSame(tally.metrics(MODEL, TIME), recount(List.of(), TIME));
        assertThat(store.totals()).isEqualTo(Totals.ZERO);
        store.forEach((code, count) -> fail("%s is still counted: %s", code, count));
    }

    @Test
    void sumsDoNotDriftWhenLargeErrorsComeAndGo() {
        // Given
        add(item(List.of(0, 0, 0), List.of(0, 0, 0), Resolution.NEAREST, 0.1));
        CodedItem large = item(List.of(0, 0, 1), List.of(0, 0, 1), Resolution.NEAREST, 1e17);

        // When
        tally.apply(new Change(null, large));
        tally.apply(new Change(large, null));

        // Then
        assertThat(tally.metrics(MODEL, TIME).meanQuantisationError()).isEqualTo(0.1);
    }

    @Test
    void takingBackWhatWasNeverCountedIsAnError() {
        // Given
        CodedItem never = CodedItem.of(List.of(1, 1, 1));

        // When / Then
        assertThatThrownBy(() -> tally.apply(new Change(never, null)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a code is taken back that was never counted");
    }

    private void add(CodedItem item) {
        tally.apply(Change.added(item));
    }

    private static Change randomChange(Random random, Map<Integer, CodedItem> items) {
        int id = random.nextInt(60);
        CodedItem before = items.get(id);
        CodedItem after = before != null && random.nextInt(3) == 0 ? null : TestItems.random(random);
        if (after == null) {
            items.remove(id);
        } else {
            items.put(id, after);
        }
        return new Change(before, after);
    }

    private static IndexMetrics.Level level(int size, int used, double entropy) {
        return new IndexMetrics.Level(size, used, (double) used / size, entropy, Math.exp(entropy));
    }
}
