package io.residua.evaluator.tally;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import java.util.List;

/**
 * The fields of an item's code that the evaluation uses.
 *
 * @param codes one entry per level, coarsest first
 * @param nearestCodes the same before collisions were resolved
 * @param resolution how the last code was found
 * @param quantisationError see {@link ItemCode#quantisationError()}
 * @param nearestError see {@link ItemCode#nearestError()}
 */
public record CodedItem(
        List<Integer> codes,
        List<Integer> nearestCodes,
        Resolution resolution,
        double quantisationError,
        double nearestError) {
    public CodedItem {
        codes = List.copyOf(codes);
        nearestCodes = List.copyOf(nearestCodes);
        requireNonNull(resolution, "resolution is null");
        if (codes.isEmpty() || codes.size() != nearestCodes.size()) {
            throw new IllegalArgumentException("codes and nearestCodes have " + codes.size() + " and "
                    + nearestCodes.size() + " levels, expected the same number, at least 1");
        }
        requireError("quantisationError", quantisationError);
        requireError("nearestError", nearestError);
    }

    /** An item of which only the code is known. */
    public static CodedItem of(List<Integer> codes) {
        return new CodedItem(codes, codes, Resolution.NEAREST, 0, 0);
    }

    /** The part of an {@code item-codes} record that is evaluated. */
    public static CodedItem of(ItemCode code) {
        return new CodedItem(
                code.codes(), code.nearestCodes(), code.resolution(), code.quantisationError(), code.nearestError());
    }

    /**
     * Checks that every code is an entry of its level's codebook.
     *
     * @throws IllegalArgumentException naming the first that is not
     */
    public void requireEntriesOf(List<Integer> codebookSizes) {
        if (codes.size() != codebookSizes.size()) {
            throw new IllegalArgumentException(
                    "the code has " + codes.size() + " levels, expected " + codebookSizes.size());
        }
        for (int level = 0; level < codes.size(); level++) {
            requireEntry(level, codes.get(level), codebookSizes.get(level));
            requireEntry(level, nearestCodes.get(level), codebookSizes.get(level));
        }
    }

    private static void requireEntry(int level, int code, int size) {
        if (code < 0 || code >= size) {
            throw new IllegalArgumentException(
                    "the code of level " + level + " is " + code + ", expected 0 to " + (size - 1));
        }
    }

    private static void requireError(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " is " + value + ", expected a finite number, at least 0");
        }
    }
}
