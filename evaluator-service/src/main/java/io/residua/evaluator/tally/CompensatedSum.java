package io.residua.evaluator.tally;

/**
 * A sum of doubles that terms are added to and taken from, without drifting: what each addition rounds away is summed
 * beside it (T. J. Dekker's and D. E. Knuth's two-sum).
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
