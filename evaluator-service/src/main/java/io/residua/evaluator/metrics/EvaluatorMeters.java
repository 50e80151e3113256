package io.residua.evaluator.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.residua.common.event.IndexMetrics;
import io.residua.evaluator.stream.UnreadableCodes;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** All meters of the evaluator. Those of the index show the newest metrics of every model, on every replica. */
@ApplicationScoped
public class EvaluatorMeters implements UnreadableCodes {
    private final MeterRegistry registry;
    private final MultiGauge items;
    private final MultiGauge distinctCodes;
    private final MultiGauge rawCollisionRate;
    private final MultiGauge largestConflict;
    private final MultiGauge resolved;
    private final MultiGauge quantisationError;
    private final MultiGauge nearestError;
    private final MultiGauge utilisation;
    private final MultiGauge entropy;
    private final MultiGauge perplexity;

    /** Makes the meters in {@code registry}. */
    public EvaluatorMeters(MeterRegistry registry) {
        this.registry = registry;
        items = gauge("residua.index.items", "Items that have a code");
        distinctCodes = gauge("residua.index.distinct.codes", "Distinct full codes among them");
        rawCollisionRate = gauge("residua.index.raw.collision.rate", "Share of items that would collide unresolved");
        largestConflict = gauge("residua.index.largest.conflict", "Most items that share one nearest code");
        resolved = gauge("residua.index.resolved", "Items by the way they came to their code");
        quantisationError = gauge("residua.index.quantisation.error", "Mean squared distance of latents to codes");
        nearestError = gauge("residua.index.nearest.error", "Mean squared distance of latents to nearest codes");
        utilisation = gauge("residua.index.level.utilisation", "Share of a codebook's entries that items have");
        entropy = gauge("residua.index.level.entropy", "Entropy of items over a codebook's entries, in nats");
        perplexity = gauge("residua.index.level.perplexity", "Equally used entries that would have this entropy");
    }

    /** Shows these metrics, one per model, and no others. */
    public void show(Collection<IndexMetrics> newest) {
        perModel(items, newest, IndexMetrics::items);
        perModel(distinctCodes, newest, IndexMetrics::distinctCodes);
        perModel(rawCollisionRate, newest, IndexMetrics::rawCollisionRate);
        perModel(largestConflict, newest, IndexMetrics::largestConflict);
        perModel(quantisationError, newest, IndexMetrics::meanQuantisationError);
        perModel(nearestError, newest, IndexMetrics::meanNearestError);
        register(resolved, newest, EvaluatorMeters::resolvedRows);
        perLevel(utilisation, newest, IndexMetrics.Level::utilisation);
        perLevel(entropy, newest, IndexMetrics.Level::entropy);
        perLevel(perplexity, newest, IndexMetrics.Level::perplexity);
    }

    @Override
    public long count(String modelVersion) {
        Counter counter = Counter.builder("residua.evaluator.unreadable.codes")
                .description("Records of a codes topic that were skipped")
                .tag("model", modelVersion)
                .register(registry);
        counter.increment();
        return (long) counter.count();
    }

    private MultiGauge gauge(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    private static void perModel(
            MultiGauge gauge, Collection<IndexMetrics> newest, ToDoubleFunction<IndexMetrics> value) {
        register(gauge, newest, metrics -> List.of(Row.of(tags(metrics), value.applyAsDouble(metrics))));
    }

    private static void perLevel(
            MultiGauge gauge, Collection<IndexMetrics> newest, ToDoubleFunction<IndexMetrics.Level> value) {
        register(gauge, newest, metrics -> {
            List<Row<?>> rows = new ArrayList<>();
            for (int level = 0; level < metrics.levels().size(); level++) {
                Tags tags = tags(metrics).and("level", Integer.toString(level));
                rows.add(Row.of(tags, value.applyAsDouble(metrics.levels().get(level))));
            }
            return rows;
        });
    }

    private static List<Row<?>> resolvedRows(IndexMetrics metrics) {
        return List.of(
                Row.of(tags(metrics).and("by", "nearest"), metrics.resolved().nearest()),
                Row.of(tags(metrics).and("by", "sinkhorn"), metrics.resolved().sinkhorn()),
                Row.of(tags(metrics).and("by", "spilled"), metrics.resolved().spilled()));
    }

    private static void register(
            MultiGauge gauge, Collection<IndexMetrics> newest, Function<IndexMetrics, List<Row<?>>> rows) {
        List<Row<?>> all = new ArrayList<>();
        newest.forEach(metrics -> all.addAll(rows.apply(metrics)));
        gauge.register(all, true);
    }

    private static Tags tags(IndexMetrics metrics) {
        return Tags.of("model", metrics.modelVersion());
    }
}
