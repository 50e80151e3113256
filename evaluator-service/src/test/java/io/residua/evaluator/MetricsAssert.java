package io.residua.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexMetrics;
import java.util.function.BiPredicate;

/** Compares metrics: counts exactly, what was divided or summed within rounding. */
public final class MetricsAssert {
    private static final BiPredicate<Double, Double> ROUNDING =
            (actual, expected) -> Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected));

    private MetricsAssert() {}

    public static void assertSame(IndexMetrics actual, IndexMetrics expected) {
        assertThat(actual)
                .usingRecursiveComparison()
                .withEqualsForType(ROUNDING, Double.class)
                .ignoringFields("time")
                .isEqualTo(expected);
    }
}
