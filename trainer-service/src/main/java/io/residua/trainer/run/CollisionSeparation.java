package io.residua.trainer.run;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Moves a few entries of the last codebook so that rows that share a whole code get different ones. Two rows whose
 * residuals are close fall to one entry however well the codebook fits; with an entry on each of them they do not. The
 * two entries are taken from where they are missed least: where no rows begin to collide without them and the error
 * grows least. A pair is left as it is when that would cost as many distinct codes as it gains. Costs O(n · k · d) and
 * then O(n · d) for each pair, of which there are so many at most that the whole is done in seconds.
 */
final class CollisionSeparation {
    /** Squared distance, relative to the residuals' mean square norm, below which rounding decides what is nearest. */
    private static final double SAME = 1e-4;
    /** How many of the entries missed least are considered for a move. */
    private static final int CANDIDATES = 3;
    /** Multiplications that may be spent, in all. */
    private static final double BUDGET = 2e10;

    private final float[] entries;
    private final float[] residuals;
    private final int[] prefixes;
    private final int n;
    private final int d;
    private final int k;
    private final Nearest nearest;
    private final double sameSquared;

    private CollisionSeparation(float[] entries, int d, float[] residuals, int[] prefixes) {
        this.entries = entries;
        this.residuals = residuals;
        this.prefixes = prefixes;
        this.n = prefixes.length;
        this.d = d;
        this.k = entries.length / d;
        this.nearest = new Nearest(n);
        for (int row = 0; row < n; row++) {
            find(row);
        }
        double squares = 0;
        for (float r : residuals) {
            squares += (double) r * r;
        }
        this.sameSquared = SAME * squares / Math.max(1, n);
    }

    /**
     * The codebook with entries moved.
     *
     * @param codebook [k, d], k at least 4
     * @param d floats per entry
     * @param residuals what the levels before leave over, [n, d]
     * @param prefixes per row the number of its prefix; equal ones stand together, and last the negative ones of rows that
     *     share theirs with nobody: they only count where the error grows
     * @return a new array
     */
    static float[] separate(float[] codebook, int d, float[] residuals, int[] prefixes) {
        if ((double) prefixes.length * codebook.length > BUDGET) {
            return codebook.clone();
        }
        CollisionSeparation separation = new CollisionSeparation(codebook.clone(), d, residuals, prefixes);
        separation.run();
        return separation.entries;
    }

    private void run() {
        Set<Pair> failed = new HashSet<>();
        int distinct = distinct();
        double attempts = Math.min(2.0 * k, BUDGET / (2.0 * CANDIDATES * n * d));
        for (int attempt = 0; attempt < attempts; attempt++) {
            Pair widest = widest(failed);
            if (widest == null) {
                return;
            }
            int better = separated(widest, distinct);
            if (better > distinct) {
                distinct = better;
            } else {
                failed.add(widest);
            }
        }
    }

    /** Two rows with one code. */
    private record Pair(int a, int b) {}

    /** Separates a pair if that gives more than {@code distinct} codes; returns how many there are then. */
    private int separated(Pair pair, int distinct) {
        int[] dispensable = dispensable();
        for (int i = 0; i < CANDIDATES; i++) {
            for (int j = i + 1; j < CANDIDATES; j++) {
                Nearest before = nearest.copy();
                float[] first = entry(dispensable[i]);
                float[] second = entry(dispensable[j]);
                move(dispensable[i], residuals, pair.a * d);
                move(dispensable[j], residuals, pair.b * d);
                int now = distinct();
                if (now > distinct) {
                    return now;
                }
                System.arraycopy(first, 0, entries, dispensable[i] * d, d);
                System.arraycopy(second, 0, entries, dispensable[j] * d, d);
                nearest.restore(before);
            }
        }
        return distinct;
    }

    private float[] entry(int index) {
        return Arrays.copyOfRange(entries, index * d, (index + 1) * d);
    }

    private void move(int entry, float[] source, int offset) {
        System.arraycopy(source, offset, entries, entry * d, d);
        for (int row = 0; row < n; row++) {
            if (nearest.first[row] == entry || nearest.second[row] == entry) {
                find(row);
            } else {
                nearest.offer(row, entry, squaredDistance(row, entry));
            }
        }
    }

    private void find(int row) {
        nearest.reset(row);
        for (int entry = 0; entry < k; entry++) {
            nearest.offer(row, entry, squaredDistance(row, entry));
        }
    }

    private float squaredDistance(int row, int entry) {
        return squaredDistance(residuals, row * d, entries, entry * d, d);
    }

    private static float squaredDistance(float[] a, int aOffset, float[] b, int bOffset, int d) {
        float sum = 0;
        for (int i = 0; i < d; i++) {
            float difference = a[aOffset + i] - b[bOffset + i];
            sum += difference * difference;
        }
        return sum;
    }

    /** Distinct codes of the rows that share a prefix. */
    private int distinct() {
        int[] seen = new int[k];
        int distinct = 0;
        int group = 0;
        for (int row = 0; row < n; row++) {
            if (prefixes[row] >= 0) {
                group += row == 0 || prefixes[row] != prefixes[row - 1] ? 1 : 0;
                distinct += seen[nearest.first[row]] == group ? 0 : 1;
                seen[nearest.first[row]] = group;
            }
        }
        return distinct;
    }

    /** Of rows with one code, each with the next such, the pair farthest apart that has not failed; {@code null} if none. */
    private Pair widest(Set<Pair> failed) {
        Pair widest = null;
        double widestSquared = sameSquared;
        int[] previous = new int[k];
        Arrays.fill(previous, -1);
        for (int row = 0; row < n; row++) {
            int entry = nearest.first[row];
            int other = previous[entry];
            if (other >= 0 && prefixes[other] == prefixes[row]) {
                double squared = squaredDistance(residuals, row * d, residuals, other * d, d);
                Pair pair = new Pair(other, row);
                if (squared > widestSquared && !failed.contains(pair)) {
                    widest = pair;
                    widestSquared = squared;
                }
            }
            previous[entry] = row;
        }
        return widest;
    }

    /** The entries missed least, best first. */
    private int[] dispensable() {
        int[] lost = new int[k];
        double[] error = new double[k];
        for (int row = 0; row < n; row++) {
            error[nearest.first[row]] += nearest.secondSquared[row] - nearest.firstSquared[row];
        }
        for (int from = 0; from < n && prefixes[from] >= 0; ) {
            int end = from + 1;
            while (end < n && prefixes[end] == prefixes[from]) {
                end++;
            }
            addLost(from, end, lost);
            from = end;
        }
        return IntStream.range(0, k)
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(e -> lost[e]).thenComparingDouble(e -> error[e]))
                .limit(CANDIDATES)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Counts, per entry, the distinct codes that a group of rows with one prefix would lose without it: its own, but for
     * those that its rows' second choices would give.
     */
    private void addLost(int from, int end, int[] lost) {
        Set<Integer> taken = new HashSet<>();
        for (int row = from; row < end; row++) {
            if (taken.add(nearest.first[row])) {
                lost[nearest.first[row]]++;
            }
        }
        Set<Long> gained = new HashSet<>();
        for (int row = from; row < end; row++) {
            int second = nearest.second[row];
            if (!taken.contains(second) && gained.add((long) nearest.first[row] * k + second)) {
                lost[nearest.first[row]]--;
            }
        }
    }

    /** Per row the nearest and the second-nearest entry. */
    private static final class Nearest {
        private final int[] first;
        private final int[] second;
        private final float[] firstSquared;
        private final float[] secondSquared;

        Nearest(int n) {
            this(new int[n], new int[n], new float[n], new float[n]);
        }

        private Nearest(int[] first, int[] second, float[] firstSquared, float[] secondSquared) {
            this.first = first;
            this.second = second;
            this.firstSquared = firstSquared;
            this.secondSquared = secondSquared;
        }

        void reset(int row) {
            firstSquared[row] = Float.MAX_VALUE;
            secondSquared[row] = Float.MAX_VALUE;
        }

        /** Takes an entry into account that is neither of a row's two. Of equally near ones the lower number counts. */
        void offer(int row, int entry, float squared) {
            if (nearer(squared, entry, firstSquared[row], first[row])) {
                second[row] = first[row];
                secondSquared[row] = firstSquared[row];
                first[row] = entry;
                firstSquared[row] = squared;
            } else if (nearer(squared, entry, secondSquared[row], second[row])) {
                second[row] = entry;
                secondSquared[row] = squared;
            }
        }

        private static boolean nearer(float squared, int entry, float than, int thanEntry) {
            return squared < than || (squared == than && entry < thanEntry);
        }

        Nearest copy() {
            return new Nearest(first.clone(), second.clone(), firstSquared.clone(), secondSquared.clone());
        }

        void restore(Nearest other) {
            System.arraycopy(other.first, 0, first, 0, first.length);
            System.arraycopy(other.second, 0, second, 0, second.length);
            System.arraycopy(other.firstSquared, 0, firstSquared, 0, first.length);
            System.arraycopy(other.secondSquared, 0, secondSquared, 0, first.length);
        }
    }
}
