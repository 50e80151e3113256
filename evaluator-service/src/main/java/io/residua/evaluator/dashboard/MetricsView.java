package io.residua.evaluator.dashboard;

import io.residua.common.event.IndexMetrics;
import io.residua.evaluator.config.EvaluatorConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The newest metrics of every model, and a history limited by the topic's retention and the configuration. */
@ApplicationScoped
public class MetricsView {
    private final int history;
    private final SortedMap<String, Deque<IndexMetrics>> byModel = new TreeMap<>();

    /** Keeps the configured number of metrics per model. */
    @Inject
    public MetricsView(EvaluatorConfig config) {
        this(config.history());
    }

    MetricsView(int history) {
        if (history < 1) {
            throw new IllegalArgumentException("residua.evaluator.history is " + history + ", expected at least 1");
        }
        this.history = history;
    }

    /** Adds a model's newest metrics; {@code null} removes the model. */
    public synchronized void show(String modelVersion, IndexMetrics metrics) {
        if (metrics == null) {
            byModel.remove(modelVersion);
            return;
        }
        Deque<IndexMetrics> known = byModel.computeIfAbsent(modelVersion, version -> new ArrayDeque<>());
        if (known.size() == history) {
            known.removeFirst();
        }
        known.addLast(metrics);
    }

    /** The newest metrics of every model, by model version. */
    public synchronized List<IndexMetrics> newest() {
        return byModel.values().stream().map(Deque::getLast).toList();
    }

    /** A model's metrics, oldest first; none if it is not known. */
    public synchronized List<IndexMetrics> history(String modelVersion) {
        return List.copyOf(byModel.getOrDefault(modelVersion, new ArrayDeque<>()));
    }
}
