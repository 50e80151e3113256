package io.residua.evaluator.tally;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexMetrics.Resolved;
import io.residua.common.event.Resolution;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Exact counts over an index, kept up to date in O(levels) per changed item. Every number lies in a {@link CountStore};
 * a tally over a store that holds numbers goes on from them. What is small (totals, items per entry) is held on the heap
 * too, what grows with the index (items per code) is not. Not safe for use by several threads.
 */
public final class IndexTally {
    private static final int ITEMS = 0;
    private static final int DISTINCT_CODES = 1;
    private static final int DISTINCT_NEAREST = 2;
    private static final int RESOLVED = 3;
    private static final int COUNTS = RESOLVED + Resolution.values().length;
    private static final int QUANTISATION_ERROR = COUNTS;
    private static final int NEAREST_ERROR = COUNTS + 2;

    private final CountStore store;
    private final long[] counts = new long[COUNTS];
    private final CompensatedSum quantisationError;
    private final CompensatedSum nearestError;
    private final LevelTally[] levels;
    /** How many nearest codes are shared by exactly so many items; what the largest conflict is read from. */
    private final TreeMap<Long, Long> sharedBy = new TreeMap<>();

    /**
     * A tally that continues from what {@code store} holds.
     *
     * @param codebookSizes entries per level, coarsest first
     */
    public IndexTally(CountStore store, List<Integer> codebookSizes) {
        this.store = store;
        this.levels = codebookSizes.stream().map(LevelTally::new).toArray(LevelTally[]::new);
        Arrays.setAll(counts, number -> store.get(CountKey.total(number)));
        quantisationError = loadSum(QUANTISATION_ERROR);
        nearestError = loadSum(NEAREST_ERROR);
        store.range(
                CountKey.first(CountKey.ENTRY),
                CountKey.first(CountKey.SHARED_BY),
                (key, items) -> levels[key[1]].set(ByteBuffer.wrap(key).getInt(2), items));
        store.range(
                CountKey.first(CountKey.SHARED_BY),
                CountKey.first(CountKey.CODE),
                (key, codes) -> sharedBy.put(ByteBuffer.wrap(key).getLong(1), codes));
    }

    /** Takes the item's old code out and its new one in. Both must be entries of the codebooks. */
    public void apply(Change change) {
        if (change.before() != null) {
            count(change.before(), -1);
        }
        if (change.after() != null) {
            count(change.after(), 1);
        }
        if (counts[ITEMS] == 0) {
            quantisationError.clear();
            nearestError.clear();
        }
        storeSum(QUANTISATION_ERROR, quantisationError);
        storeSum(NEAREST_ERROR, nearestError);
    }

    /** The metrics of what has been applied; O(entries of all codebooks). */
    public IndexMetrics metrics(String modelVersion, Instant time) {
        long items = counts[ITEMS];
        return new IndexMetrics(
                modelVersion,
                items,
                counts[DISTINCT_CODES],
                items == 0 ? 0 : (double) (items - counts[DISTINCT_NEAREST]) / items,
                sharedBy.isEmpty() ? 0 : sharedBy.lastKey(),
                new Resolved(
                        counts[RESOLVED + Resolution.NEAREST.ordinal()],
                        counts[RESOLVED + Resolution.SINKHORN.ordinal()],
                        counts[RESOLVED + Resolution.SPILLED.ordinal()]),
                Arrays.stream(levels).map(LevelTally::metrics).toList(),
                items == 0 ? 0 : quantisationError.value() / items,
                items == 0 ? 0 : nearestError.value() / items,
                time);
    }

    /** Items that share their nearest code with another. */
    public long itemsThatShareACode() {
        return counts[ITEMS] - sharedBy.getOrDefault(1L, 0L);
    }

    private void count(CodedItem item, int sign) {
        add(ITEMS, sign);
        add(RESOLVED + item.resolution().ordinal(), sign);
        countCode(item.codes(), sign);
        countNearest(item.nearestCodes(), sign);
        for (int level = 0; level < levels.length; level++) {
            int entry = item.nearestCodes().get(level);
            store.put(CountKey.entry(level, entry), levels[level].add(entry, sign));
        }
        quantisationError.add(sign * item.quantisationError());
        nearestError.add(sign * item.nearestError());
    }

    private void countCode(List<Integer> code, int sign) {
        long before = addTo(CountKey.code(CountKey.CODE, code), sign);
        add(DISTINCT_CODES, Long.signum(before + sign) - Long.signum(before));
    }

    private void countNearest(List<Integer> code, int sign) {
        long before = addTo(CountKey.code(CountKey.NEAREST, code), sign);
        add(DISTINCT_NEAREST, Long.signum(before + sign) - Long.signum(before));
        countShared(before, -1);
        countShared(before + sign, 1);
    }

    private void countShared(long items, int sign) {
        if (items > 0) {
            long codes = sharedBy.merge(items, (long) sign, Long::sum);
            if (codes == 0) {
                sharedBy.remove(items);
            }
            store.put(CountKey.sharedBy(items), codes);
        }
    }

    /** Adds to a number that only the store holds; returns what it was. */
    private long addTo(byte[] key, int sign) {
        long before = store.get(key);
        if (before + sign < 0) {
            throw new IllegalStateException("a code is taken back that was never counted");
        }
        store.put(key, before + sign);
        return before;
    }

    private void add(int number, int delta) {
        if (delta != 0) {
            counts[number] += delta;
            store.put(CountKey.total(number), counts[number]);
        }
    }

    private CompensatedSum loadSum(int number) {
        return new CompensatedSum(
                Double.longBitsToDouble(store.get(CountKey.total(number))),
                Double.longBitsToDouble(store.get(CountKey.total(number + 1))));
    }

    private void storeSum(int number, CompensatedSum sum) {
        store.put(CountKey.total(number), Double.doubleToRawLongBits(sum.rounded()));
        store.put(CountKey.total(number + 1), Double.doubleToRawLongBits(sum.lost()));
    }
}
