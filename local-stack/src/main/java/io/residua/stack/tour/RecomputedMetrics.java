package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The figures of {@code index-metrics}, recomputed from the codes.
 *
 * @param items items that have a code
 * @param distinctCodes distinct full codes among them
 * @param rawCollisionRate (items − distinct nearest codes) / items, 0 without items
 * @param resolved items by how their code was assigned
 * @param used per level, coarsest first: entries that occur in some item's nearest code
 */
record RecomputedMetrics(
        long items, long distinctCodes, double rawCollisionRate, Map<Resolution, Long> resolved, List<Integer> used) {
    private static final double RATE_TOLERANCE = 1e-9;

    static RecomputedMetrics of(Collection<ItemCode> codes) {
        Set<List<Integer>> full = new HashSet<>();
        Set<List<Integer>> nearest = new HashSet<>();
        Map<Resolution, Long> resolved = new EnumMap<>(Resolution.class);
        List<BitSet> entries = new ArrayList<>();
        for (ItemCode code : codes) {
            full.add(code.codes());
            nearest.add(code.nearestCodes());
            resolved.merge(code.resolution(), 1L, Long::sum);
            for (int level = 0; level < code.nearestCodes().size(); level++) {
                if (level == entries.size()) {
                    entries.add(new BitSet());
                }
                entries.get(level).set(code.nearestCodes().get(level));
            }
        }
        double rate = codes.isEmpty() ? 0 : (codes.size() - nearest.size()) / (double) codes.size();
        List<Integer> used = entries.stream().map(BitSet::cardinality).toList();
        return new RecomputedMetrics(codes.size(), full.size(), rate, resolved, used);
    }

    /** Describes the first figure in which {@code metrics} differs; empty if all are equal. */
    Optional<String> differenceFrom(IndexMetrics metrics) {
        List<Integer> theirUsed =
                metrics.levels().stream().map(IndexMetrics.Level::used).toList();
        return differs("items", metrics.items(), items)
                .or(() -> differs("distinctCodes", metrics.distinctCodes(), distinctCodes))
                .or(() -> Math.abs(metrics.rawCollisionRate() - rawCollisionRate) <= RATE_TOLERANCE
                        ? Optional.empty()
                        : differs("rawCollisionRate", metrics.rawCollisionRate(), rawCollisionRate))
                .or(() -> differs("resolved.nearest", metrics.resolved().nearest(), resolved(Resolution.NEAREST)))
                .or(() -> differs("resolved.sinkhorn", metrics.resolved().sinkhorn(), resolved(Resolution.SINKHORN)))
                .or(() -> differs("resolved.spilled", metrics.resolved().spilled(), resolved(Resolution.SPILLED)))
                .or(() -> differs("used entries per level", theirUsed, used));
    }

    long resolved(Resolution kind) {
        return resolved.getOrDefault(kind, 0L);
    }

    private static Optional<String> differs(String figure, Object theirs, Object ours) {
        return theirs.equals(ours)
                ? Optional.empty()
                : Optional.of("index-metrics say " + figure + " is " + theirs + ", the codes say " + ours);
    }
}
