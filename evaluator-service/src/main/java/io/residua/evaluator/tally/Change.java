package io.residua.evaluator.tally;

/**
 * What happened to one item.
 *
 * @param before the code it had, {@code null} if it had none
 * @param after the code it has now, {@code null} if it has none
 */
public record Change(CodedItem before, CodedItem after) {
    public Change {
        if (before == null && after == null) {
            throw new IllegalArgumentException("before and after are null, expected at least one code");
        }
    }

    /** An item that was not there before. */
    public static Change added(CodedItem item) {
        return new Change(null, item);
    }
}
