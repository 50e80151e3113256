package io.residua.evaluator.tally;

/**
 * A running sum of doubles that does not drift when terms are added and subtracted. The rounding errors are summed
 * separately (two-sum by T. J. Dekker and D. E. Knuth).
 *
 * @param rounded the sum as it was rounded at every step
 * @param lost what must be added to {@code rounded}
 */
public record CompensatedSum(double rounded, double lost) {
    /** The sum of nothing. */
    public static final CompensatedSum ZERO = new CompensatedSum(0, 0);

    CompensatedSum plus(double term) {
        double next = rounded + term;
        double added = next - rounded;
        return new CompensatedSum(next, lost + (rounded - (next - added)) + (term - added));
    }

    double value() {
        return rounded + lost;
    }
}
