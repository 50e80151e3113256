package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What must hold after a tour. Each check gives the first thing that is not as it must be, in one line. */
final class Checks {
    private static final double LEAST_RATIO = 3;

    private Checks() {}

    /** No two items have the same code. */
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

    /** An item that had no code before was given exactly one. */
    static Optional<String> givenOnce(Sample sample, Codes codes, Codes.Snapshot before) {
        return sample.items().stream()
                .map(Sample.Item::id)
                .filter(id -> !before.items().contains(id) && codes.records(id) - before.records(id) != 1)
                .map(id -> "item " + id + " was given " + (codes.records(id) - before.records(id))
                        + " codes, expected one")
                .findFirst();
    }

    /** The metrics say what the codes say. */
    static Optional<String> metrics(Recount recount, Optional<IndexMetrics> metrics) {
        return metrics.isEmpty() ? Optional.of("there are no index-metrics") : recount.differenceFrom(metrics.get());
    }

    /** Similar items get similar codes. */
    static Optional<String> similarity(NeighbourShare share) {
        return share.neighbours() > 0 && share.neighbours() >= LEAST_RATIO * share.random()
                ? Optional.empty()
                : Optional.of(String.format(
                        java.util.Locale.ROOT,
                        "%.1f %% of the new items have their nearest neighbour's first code, %.1f %% a random item's:"
                                + " expected at least %.0f times as many",
                        100 * share.neighbours(),
                        100 * share.random(),
                        LEAST_RATIO));
    }

    /** Nothing was written. */
    static Optional<String> added(Map<String, Long> before, Map<String, Long> after) {
        return after.entrySet().stream()
                .filter(topic -> !topic.getValue().equals(before.getOrDefault(topic.getKey(), 0L)))
                .map(topic -> "topic " + topic.getKey() + " had " + before.getOrDefault(topic.getKey(), 0L)
                        + " records and now has " + topic.getValue() + ", though nothing was new")
                .findFirst();
    }
}
