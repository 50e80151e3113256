package io.residua.evaluator.metrics;

import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.TIME;
import static io.residua.evaluator.TestItems.item;
import static io.residua.evaluator.TestItems.recount;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.event.Resolution;
import io.residua.evaluator.tally.CodedItem;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluatorMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EvaluatorMeters meters = new EvaluatorMeters(registry);

    @Test
    void showsTheNewestMetricsByModelAndLevel() {
        // Given
        CodedItem first = item(List.of(0, 0, 0), List.of(0, 0, 0), Resolution.NEAREST, 1);
        CodedItem second = item(List.of(0, 0, 1), List.of(0, 0, 0), Resolution.SINKHORN, 3);
        meters.show(List.of(recount(List.of(first), TIME)));

        // When
        meters.show(List.of(recount(List.of(first, second), TIME)));

        // Then
        assertThat(gauge("residua.index.items")).isEqualTo(2);
        assertThat(gauge("residua.index.distinct.codes")).isEqualTo(2);
        assertThat(gauge("residua.index.raw.collision.rate")).isEqualTo(0.5);
        assertThat(gauge("residua.index.largest.conflict")).isEqualTo(2);
        assertThat(gauge("residua.index.resolved", "by", "sinkhorn")).isEqualTo(1);
        assertThat(gauge("residua.index.quantisation.error")).isEqualTo(2);
        assertThat(gauge("residua.index.nearest.error")).isEqualTo(1);
        assertThat(gauge("residua.index.level.utilisation", "level", "0")).isEqualTo(0.25);
        assertThat(gauge("residua.index.level.perplexity", "level", "2")).isEqualTo(1);
        assertThat(gauge("residua.index.level.entropy", "level", "1")).isZero();
    }

    @Test
    void forgetsModelsThatAreGone() {
        // Given
        meters.show(List.of(recount(List.of(), TIME)));

        // When
        meters.show(List.of());

        // Then
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void countsUnreadableCodesByModel() {
        // Given
        meters.count(MODEL);

        // When
        long total = meters.count(MODEL);

        // Then
        assertThat(total).isEqualTo(2);
        assertThat(registry.get("residua.evaluator.unreadable.codes")
                        .tag("model", MODEL)
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tag("model", MODEL).tags(tags).gauge().value();
    }
}
