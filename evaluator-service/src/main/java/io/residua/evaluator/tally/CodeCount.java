package io.residua.evaluator.tally;

/**
 * Items at one code.
 *
 * @param coded items that have the code
 * @param nearest items whose nearest code it is
 */
public record CodeCount(int coded, int nearest) {
    /** No item. */
    public static final CodeCount NONE = new CodeCount(0, 0);

    public CodeCount {
        if (coded < 0 || nearest < 0) {
            throw new IllegalStateException("a code is taken back that was never counted");
        }
    }

    CodeCount plus(int moreCoded, int moreNearest) {
        return new CodeCount(Math.addExact(coded, moreCoded), Math.addExact(nearest, moreNearest));
    }
}
