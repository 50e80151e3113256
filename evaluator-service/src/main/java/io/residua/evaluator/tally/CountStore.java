package io.residua.evaluator.tally;

import java.util.List;
import java.util.function.BiConsumer;

/** Storage for the counts of an {@link IndexTally}. */
public interface CountStore {
    /** The count of {@code code}, {@link CodeCount#NONE} if nothing was put. */
    CodeCount get(List<Integer> code);

    /** Keeps the count of {@code code}; {@link CodeCount#NONE} removes it. */
    void put(List<Integer> code, CodeCount count);

    /** All stored counts, in any order. */
    void forEach(BiConsumer<List<Integer>, CodeCount> visitor);

    /** The totals, {@link Totals#ZERO} if nothing was put. */
    Totals totals();

    /** Keeps the totals. */
    void putTotals(Totals totals);
}
