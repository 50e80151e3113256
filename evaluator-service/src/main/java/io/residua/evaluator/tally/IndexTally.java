package io.residua.evaluator.tally;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexMetrics.Resolved;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Exact counts over an index, updated in O(levels) per changed item. A {@link CountStore} holds the totals and the
 * items per code. The other counts (items per entry, distinct codes, conflicts) are derived from the items per code and
 * live on the heap. A new tally over a filled store recomputes them in O(codes). Not thread-safe.
 */
public final class IndexTally {
    private final CountStore store;
    private final LevelTally[] levels;
    /** How many nearest codes are shared by exactly so many items; what the largest conflict is read from. */
    private final TreeMap<Integer, Integer> sharedBy = new TreeMap<>();

    private Totals totals;
    private long distinctCodes;
    private long distinctNearest;

    /**
     * A tally that continues from what {@code store} holds.
     *
     * @param codebookSizes entries per level, coarsest first
     */
    public IndexTally(CountStore store, List<Integer> codebookSizes) {
        this.store = store;
        levels = codebookSizes.stream().map(LevelTally::new).toArray(LevelTally[]::new);
        totals = store.totals();
        store.forEach((code, count) -> {
            follow(CodeCount.NONE, count);
            addToLevels(code, count.nearest());
        });
    }

    /** Takes the item's old code out and its new one in. Both must be entries of the codebooks. */
    public void apply(Change change) {
        if (change.before() != null) {
            count(change.before(), -1);
        }
        if (change.after() != null) {
            count(change.after(), 1);
        }
        if (totals.items() == 0) {
            totals = Totals.ZERO;
        }
        store.putTotals(totals);
    }

    /** The metrics of what has been applied; O(entries of all codebooks). */
    public IndexMetrics metrics(String modelVersion, Instant time) {
        long items = totals.items();
        return new IndexMetrics(
                modelVersion,
                items,
                distinctCodes,
                items == 0 ? 0 : (double) (items - distinctNearest) / items,
                sharedBy.isEmpty() ? 0 : sharedBy.lastKey(),
                new Resolved(totals.nearest(), totals.sinkhorn(), totals.spilled()),
                Arrays.stream(levels).map(LevelTally::metrics).toList(),
                items == 0 ? 0 : totals.quantisationError().value() / items,
                items == 0 ? 0 : totals.nearestError().value() / items,
                time);
    }

    /** Items that share their nearest code with another. */
    public long itemsThatShareACode() {
        return totals.items() - sharedBy.getOrDefault(1, 0);
    }

    private void count(CodedItem item, int sign) {
        if (item.codes().equals(item.nearestCodes())) {
            add(item.codes(), sign, sign);
        } else {
            add(item.codes(), sign, 0);
            add(item.nearestCodes(), 0, sign);
        }
        addToLevels(item.nearestCodes(), sign);
        totals = totals.plus(item, sign);
    }

    private void add(List<Integer> code, int coded, int nearest) {
        CodeCount before = store.get(code);
        CodeCount after = before.plus(coded, nearest);
        store.put(code, after);
        follow(before, after);
    }

    private void follow(CodeCount before, CodeCount after) {
        distinctCodes += Integer.signum(after.coded()) - Integer.signum(before.coded());
        distinctNearest += Integer.signum(after.nearest()) - Integer.signum(before.nearest());
        if (before.nearest() != after.nearest()) {
            countShared(before.nearest(), -1);
            countShared(after.nearest(), 1);
        }
    }

    private void countShared(int items, int sign) {
        if (items > 0 && sharedBy.merge(items, sign, Integer::sum) == 0) {
            sharedBy.remove(items);
        }
    }

    private void addToLevels(List<Integer> nearestCodes, int items) {
        for (int level = 0; level < levels.length; level++) {
            levels[level].add(nearestCodes.get(level), items);
        }
    }
}
