package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexMetrics.Level;
import io.residua.common.event.IndexMetrics.Resolved;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecomputedMetricsTest {
    private static final List<ItemCode> CODES = List.of(
            code("a", List.of(0, 1), List.of(0, 1), Resolution.NEAREST),
            code("b", List.of(0, 2), List.of(0, 1), Resolution.SINKHORN),
            code("c", List.of(3, 1), List.of(3, 1), Resolution.NEAREST));

    @Test
    void countsFullAndNearestCodesApart() {
        // When
        RecomputedMetrics recomputed = RecomputedMetrics.of(CODES);

        // Then
        assertThat(recomputed.items()).isEqualTo(3);
        assertThat(recomputed.distinctCodes()).isEqualTo(3);
        assertThat(recomputed.rawCollisionRate()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(recomputed.resolved(Resolution.NEAREST)).isEqualTo(2);
        assertThat(recomputed.resolved(Resolution.SINKHORN)).isEqualTo(1);
        assertThat(recomputed.resolved(Resolution.SPILLED)).isZero();
        assertThat(recomputed.used()).containsExactly(2, 1);
    }

    @Test
    void metricsThatSayTheSameDoNotDiffer() {
        assertThat(RecomputedMetrics.of(CODES).differenceFrom(metrics(3, 1 / 3.0, 2, 2)))
                .isEmpty();
    }

    @Test
    void firstFigureThatDiffersIsNamed() {
        // Given
        RecomputedMetrics recomputed = RecomputedMetrics.of(CODES);

        // Then
        assertThat(recomputed.differenceFrom(metrics(2, 1 / 3.0, 2, 2)))
                .contains("index-metrics say items is 2, the codes say 3");
        assertThat(recomputed.differenceFrom(metrics(3, 0.3, 2, 2)))
                .contains("index-metrics say rawCollisionRate is 0.3, the codes say 0.3333333333333333");
        assertThat(recomputed.differenceFrom(metrics(3, 1 / 3.0, 1, 2)))
                .contains("index-metrics say resolved.nearest is 1, the codes say 2");
        assertThat(recomputed.differenceFrom(metrics(3, 1 / 3.0, 2, 4)))
                .contains("index-metrics say used entries per level is [4, 1], the codes say [2, 1]");
    }

    @Test
    void nothingHasNoCollisions() {
        assertThat(RecomputedMetrics.of(List.of()).rawCollisionRate()).isZero();
    }

    @Test
    void itemsThatShareACodeAreNamed() {
        // Given
        ItemCode twin = code("d", List.of(0, 2), List.of(0, 1), Resolution.SPILLED);

        // Then
        assertThat(Checks.shared(CODES)).isEmpty();
        assertThat(Checks.shared(List.of(CODES.get(1), twin))).contains("items b and d both have code <a_0> <b_2>");
    }

    private static IndexMetrics metrics(long items, double rate, long nearest, int usedOfFirst) {
        return new IndexMetrics(
                "v1",
                items,
                3,
                rate,
                2,
                new Resolved(nearest, 1, 0),
                List.of(new Level(4, usedOfFirst, 0.5, 0, 1), new Level(4, 1, 0.25, 0, 1)),
                0,
                0,
                Instant.EPOCH);
    }

    private static ItemCode code(String item, List<Integer> codes, List<Integer> nearest, Resolution resolution) {
        return new ItemCode(
                item,
                "v1",
                codes,
                SemanticIds.tokens(codes),
                nearest,
                1,
                resolution,
                0,
                0,
                1,
                0,
                0,
                Instant.EPOCH,
                Instant.EPOCH);
    }
}
