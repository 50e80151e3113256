package io.residua.trainer.run;

import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The best evaluation of a run by each metric, and the evaluations whose checkpoints are kept.
 *
 * @param best the best eligible evaluation by each metric
 * @param kept evaluations whose checkpoints exist, oldest first
 * @param idle evaluations since the last improvement of the metric that selects the published model
 */
record BestCheckpoints(Map<SelectionMetric, Evaluated> best, List<Evaluated> kept, int idle) {
    BestCheckpoints {
        best = best.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(best));
        kept = List.copyOf(kept);
    }

    static BestCheckpoints initial() {
        return new BestCheckpoints(Map.of(), List.of(), 0);
    }

    /**
     * The result of evaluating the weights of one epoch.
     *
     * @param epoch number of epochs trained
     * @param losses losses of the last epoch
     * @param eligible whether it can be the best: quantised, and trained beyond the warm-up, during which collisions
     *     can be few although nothing has been learnt
     */
    record Evaluated(int epoch, Losses losses, Evaluation evaluation, boolean eligible) {
        /** This evaluation as the best by {@code metric}. */
        TrainingNews.Best by(SelectionMetric metric) {
            return new TrainingNews.Best(metric, epoch, losses, evaluation);
        }

        private boolean betterThan(Evaluated other, SelectionMetric metric) {
            return cost(metric) < other.cost(metric);
        }

        /** Lower is better. */
        private double cost(SelectionMetric metric) {
            return switch (metric) {
                case BALANCED -> evaluation.score();
                case LOSS -> losses.total();
                case COLLISION -> evaluation.collisionRate();
                case UTILIZATION ->
                    -evaluation.utilisation().stream().mapToDouble(d -> d).sum();
                case LAST -> -epoch;
            };
        }
    }

    /** Adds an evaluation. Keeps at most the {@code limit} newest and the {@code limit} best. */
    BestCheckpoints after(Evaluated next, SelectionMetric publish, int limit) {
        Map<SelectionMetric, Evaluated> better = new EnumMap<>(SelectionMetric.class);
        better.putAll(best);
        if (next.eligible()) {
            for (SelectionMetric metric : SelectionMetric.values()) {
                better.merge(metric, next, (old, now) -> now.betterThan(old, metric) ? now : old);
            }
        }
        boolean gained = !better.containsKey(publish) || better.get(publish).equals(next);
        List<Evaluated> candidates = new ArrayList<>(kept);
        candidates.add(next);
        return new BestCheckpoints(better, retained(candidates, limit), gained ? 0 : idle + 1);
    }

    private static List<Evaluated> retained(List<Evaluated> candidates, int limit) {
        Set<Evaluated> retained =
                new LinkedHashSet<>(candidates.subList(Math.max(0, candidates.size() - limit), candidates.size()));
        candidates.stream()
                .filter(Evaluated::eligible)
                .sorted(Comparator.comparingDouble(candidate -> candidate.cost(SelectionMetric.COLLISION)))
                .limit(limit)
                .forEach(retained::add);
        return candidates.stream().filter(retained::contains).toList();
    }

    /** Makes {@code last} the best by {@code metric} if there is none yet. */
    BestCheckpoints orLast(SelectionMetric metric, Evaluated last) {
        if (best.containsKey(metric)) {
            return this;
        }
        Map<SelectionMetric, Evaluated> completed = new EnumMap<>(SelectionMetric.class);
        completed.putAll(best);
        completed.put(metric, last);
        return new BestCheckpoints(completed, kept, idle);
    }

    /** The best eligible evaluation by each metric, for reports. */
    List<TrainingNews.Best> bests() {
        return best.entrySet().stream()
                .filter(entry -> entry.getValue().eligible())
                .map(entry -> entry.getValue().by(entry.getKey()))
                .toList();
    }

    /** The metrics by which an evaluation is the best. */
    List<SelectionMetric> leads(Evaluated evaluated) {
        return best.entrySet().stream()
                .filter(entry -> entry.getValue().equals(evaluated))
                .map(Map.Entry::getKey)
                .toList();
    }
}
