package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Violations: all are counted, the first are kept. */
final class Violations {
    /** How many are kept. */
    static final int MAX_KEPT = 20;

    private final Map<ViolationKind, Long> counts = new EnumMap<>(ViolationKind.class);
    private final List<Violation> first = new ArrayList<>();

    /** One violation: the item's id, empty if there is none, and where it is and what was expected. */
    record Violation(String kind, String item, String detail) {}

    void add(ViolationKind kind, byte[] item, String detail) {
        counts.merge(kind, 1L, Long::sum);
        if (first.size() < MAX_KEPT) {
            first.add(new Violation(kind.label(), item == null ? "" : new String(item, UTF_8), detail));
        }
    }

    void addAll(Violations others) {
        others.counts.forEach((kind, count) -> counts.merge(kind, count, Long::sum));
        others.first.stream().limit(MAX_KEPT - first.size()).forEach(first::add);
    }

    Map<ViolationKind, Long> counts() {
        return counts;
    }

    List<Violation> first() {
        return first;
    }

    long total() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Number of violations that the indexer may still resolve by catching up. */
    long pending() {
        return counts.entrySet().stream()
                .filter(each -> each.getKey().mayBePending())
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
