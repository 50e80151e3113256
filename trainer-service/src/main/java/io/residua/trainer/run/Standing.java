package io.residua.trainer.run;

import io.residua.trainer.run.TrainingOptions.Figure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a run's evaluations compare: the best by each figure, and the checkpoints to keep.
 *
 * @param best the best by each figure, of those taken into account
 * @param kept evaluations whose checkpoints are there, oldest first
 * @param idle evaluations since the one that is best by the figure that decides what is published
 */
record Standing(Map<Figure, Evaluated> best, List<Evaluated> kept, int idle) {
    Standing {
        best = best.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(best));
        kept = List.copyOf(kept);
    }

    static Standing initial() {
        return new Standing(Map.of(), List.of(), 0);
    }

    /**
     * Weights and what was found of them.
     *
     * @param epoch epochs they were trained for
     * @param losses of the last of these
     * @param eligible whether they count: quantised, and trained beyond the warm-up, in which collisions can be few
     *     although nothing has been learnt
     */
    record Evaluated(int epoch, Losses losses, Evaluation evaluation, boolean eligible) {
        /** This as the best by {@code figure}. */
        TrainingNews.Best by(Figure figure) {
            return new TrainingNews.Best(figure, epoch, losses, evaluation);
        }

        private boolean betterThan(Evaluated other, Figure figure) {
            return cost(figure) < other.cost(figure);
        }

        /** The less the better. */
        private double cost(Figure figure) {
            return switch (figure) {
                case BALANCED -> evaluation.score();
                case LOSS -> losses.total();
                case COLLISION -> evaluation.collisionRate();
                case UTILIZATION ->
                    -evaluation.utilisation().stream().mapToDouble(d -> d).sum();
                case LAST -> -epoch;
            };
        }
    }

    /** The standing after one more evaluation, with at most {@code limit} newest and {@code limit} best kept. */
    Standing after(Evaluated next, Figure publish, int limit) {
        Map<Figure, Evaluated> better = new EnumMap<>(Figure.class);
        better.putAll(best);
        if (next.eligible()) {
            for (Figure figure : Figure.values()) {
                better.merge(figure, next, (old, now) -> now.betterThan(old, figure) ? now : old);
            }
        }
        boolean gained = !better.containsKey(publish) || better.get(publish).equals(next);
        List<Evaluated> candidates = new ArrayList<>(kept);
        candidates.add(next);
        return new Standing(better, retained(candidates, limit), gained ? 0 : idle + 1);
    }

    private static List<Evaluated> retained(List<Evaluated> candidates, int limit) {
        Set<Evaluated> retained =
                new LinkedHashSet<>(candidates.subList(Math.max(0, candidates.size() - limit), candidates.size()));
        candidates.stream()
                .filter(Evaluated::eligible)
                .sorted(Comparator.comparingDouble(candidate -> candidate.cost(Figure.COLLISION)))
                .limit(limit)
                .forEach(retained::add);
        return candidates.stream().filter(retained::contains).toList();
    }

    /** The standing with {@code last} as the best by {@code figure}, unless there is one. */
    Standing orLast(Figure figure, Evaluated last) {
        if (best.containsKey(figure)) {
            return this;
        }
        Map<Figure, Evaluated> completed = new EnumMap<>(Figure.class);
        completed.putAll(best);
        completed.put(figure, last);
        return new Standing(completed, kept, idle);
    }

    /** The best by each figure, to tell of. */
    List<TrainingNews.Best> bests() {
        return best.entrySet().stream()
                .filter(entry -> entry.getValue().eligible())
                .map(entry -> entry.getValue().by(entry.getKey()))
                .toList();
    }

    /** The figures by which an evaluation is the best. */
    List<Figure> leads(Evaluated evaluated) {
        return best.entrySet().stream()
                .filter(entry -> entry.getValue().equals(evaluated))
                .map(Map.Entry::getKey)
                .toList();
    }
}
