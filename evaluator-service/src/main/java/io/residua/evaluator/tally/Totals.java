package io.residua.evaluator.tally;

import io.residua.common.event.Resolution;

/**
 * Sums over all items of an index.
 *
 * @param nearest items at their nearest code
 * @param sinkhorn items that the assignment of their prefix moved
 * @param spilled items that another prefix took
 * @param quantisationError sum of {@link CodedItem#quantisationError()}
 * @param nearestError sum of {@link CodedItem#nearestError()}
 */
public record Totals(
        long nearest, long sinkhorn, long spilled, CompensatedSum quantisationError, CompensatedSum nearestError) {
    /** The totals of an empty index. */
    public static final Totals ZERO = new Totals(0, 0, 0, CompensatedSum.ZERO, CompensatedSum.ZERO);

    long items() {
        return nearest + sinkhorn + spilled;
    }

    /** With one item more (1) or less (−1). */
    Totals plus(CodedItem item, int sign) {
        return new Totals(
                nearest + (item.resolution() == Resolution.NEAREST ? sign : 0),
                sinkhorn + (item.resolution() == Resolution.SINKHORN ? sign : 0),
                spilled + (item.resolution() == Resolution.SPILLED ? sign : 0),
                quantisationError.plus(sign * item.quantisationError()),
                nearestError.plus(sign * item.nearestError()));
    }
}
