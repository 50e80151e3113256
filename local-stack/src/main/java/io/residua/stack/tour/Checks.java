package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Verifies the results of a tour. Each check returns its first violation in one line, or nothing. */
final class Checks {
    private static final double MIN_RATIO = 3;

    private Checks() {}

    /** Checks that no two items have the same code. */
    static Optional<String> shared(Collection<ItemCode> codes) {
        Map<List<Integer>, String> holders = new HashMap<>();
        for (ItemCode code : codes) {
            String other = holders.putIfAbsent(code.codes(), code.itemId());
            if (other != null) {
                return Optional.of("items " + other + " and " + code.itemId() + " both have code "
                        + String.join(" ", code.tokens()));
            }
        }
        return Optional.empty();
    }

    /** Checks that every item without a code before the tour got exactly one code record. */
    static Optional<String> givenOnce(Sample sample, Codes codes, Codes.Snapshot before) {
        return sample.items().stream()
                .map(Sample.Item::id)
                .filter(id -> !before.items().contains(id) && codes.records(id) - before.records(id) != 1)
                .map(id -> "item " + id + " was given " + (codes.records(id) - before.records(id))
                        + " codes, expected one")
                .findFirst();
    }

    /** Checks that the published metrics equal those recomputed from the codes. */
    static Optional<String> metrics(RecomputedMetrics recomputed, Optional<IndexMetrics> metrics) {
        return metrics.isEmpty() ? Optional.of("there are no index-metrics") : recomputed.differenceFrom(metrics.get());
    }

    /** Checks that nearest neighbours share their first code more often than random pairs. */
    static Optional<String> similarity(NeighbourShare share) {
        return share.neighbours() > 0 && share.neighbours() >= MIN_RATIO * share.random()
                ? Optional.empty()
                : Optional.of(String.format(
                        java.util.Locale.ROOT,
                        "%.1f %% of the new items have their nearest neighbour's first code, %.1f %% a random item's:"
                                + " expected at least %.0f times as many",
                        100 * share.neighbours(),
                        100 * share.random(),
                        MIN_RATIO));
    }

    /** Checks that no records were added. */
    static Optional<String> added(Map<String, Long> before, Map<String, Long> after) {
        return after.entrySet().stream()
                .filter(topic -> !topic.getValue().equals(before.getOrDefault(topic.getKey(), 0L)))
                .map(topic -> "topic " + topic.getKey() + " had " + before.getOrDefault(topic.getKey(), 0L)
                        + " records and now has " + topic.getValue() + ", though nothing was new")
                .findFirst();
    }
}
