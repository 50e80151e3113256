package io.residua.evaluator.tally;

import java.util.List;
import java.util.function.BiConsumer;

/** Where an {@link IndexTally} keeps its numbers, so that they outlive it. */
public interface CountStore {
    /** The count of {@code code}, {@link CodeCount#NONE} if nothing was put. */
    CodeCount get(List<Integer> code);

    /** Keeps the count of {@code code}; {@link CodeCount#NONE} removes it. */
    void put(List<Integer> code, CodeCount count);

    /** Every count that is kept, in any order. */
    void forEach(BiConsumer<List<Integer>, CodeCount> visitor);

    /** The totals, {@link Totals#ZERO} if nothing was put. */
    Totals totals();

    /** Keeps the totals. */
    void putTotals(Totals totals);
}
