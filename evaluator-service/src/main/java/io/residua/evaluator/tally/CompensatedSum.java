package io.residua.evaluator.tally;

/**
 * A sum of doubles that terms are added to and taken from, without drifting: what each addition rounds away is summed
 * beside it (T. J. Dekker's and D. E. Knuth's two-sum).
 */
final class CompensatedSum {
    private double sum;
    private double lost;

    CompensatedSum(double sum, double lost) {
        this.sum = sum;
        this.lost = lost;
    }

    void add(double term) {
        double next = sum + term;
        double added = next - sum;
        lost += (sum - (next - added)) + (term - added);
        sum = next;
    }

    void clear() {
        sum = 0;
        lost = 0;
    }

    double value() {
        return sum + lost;
    }

    /** The sum as it was rounded at every step. */
    double rounded() {
        return sum;
    }

    /** What must be added to {@link #rounded()}. */
    double lost() {
        return lost;
    }
}
