package io.residua.evaluator.tally;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Counts on the heap, for evaluating an index in one pass. */
public final class HeapCounts implements CountStore {
    private final Map<List<Integer>, CodeCount> counts = new HashMap<>();
    private Totals totals = Totals.ZERO;

    @Override
    public CodeCount get(List<Integer> code) {
        return counts.getOrDefault(code, CodeCount.NONE);
    }

    @Override
    public void put(List<Integer> code, CodeCount count) {
        if (count.equals(CodeCount.NONE)) {
            counts.remove(code);
        } else {
            counts.put(code, count);
        }
    }

    @Override
    public void forEach(BiConsumer<List<Integer>, CodeCount> visitor) {
        counts.forEach(visitor);
    }

    @Override
    public Totals totals() {
        return totals;
    }

    @Override
    public void putTotals(Totals newest) {
        totals = newest;
    }
}
