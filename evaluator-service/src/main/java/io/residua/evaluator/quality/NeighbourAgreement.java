package io.residua.evaluator.quality;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * How well codes follow meaning: how many pairs of an item and one of its nearest neighbours share their first codes, beside
 * pairs of an item and any other.
 *
 * @param items items among which neighbours were searched
 * @param queries items whose neighbours were searched
 * @param neighbours nearest neighbours per query
 * @param neighbourPairs what the pairs of an item and its neighbour share
 * @param randomPairs what as many pairs of an item and another drawn at random share
 */
public record NeighbourAgreement(
        int items, int queries, int neighbours, SharedPrefixes neighbourPairs, SharedPrefixes randomPairs) {
    /**
     * Prefixes that pairs share.
     *
     * @param pairs number of pairs
     * @param agreeing pairs that share their first code, their first two, and so on
     */
    public record SharedPrefixes(long pairs, List<Long> agreeing) {
        public SharedPrefixes {
            agreeing = List.copyOf(agreeing);
        }

        /** Share of pairs that share their first {@code depth} codes. */
        public double share(int depth) {
            return (double) agreeing.get(depth - 1) / pairs;
        }

        /** Codes that a pair shares from the first on, summed over all pairs. */
        public long sharedCodes() {
            return agreeing.stream().mapToLong(Long::longValue).sum();
        }

        /** The mean number of codes that a pair shares from the first on. */
        public double meanPrefix() {
            return (double) sharedCodes() / pairs;
        }
    }

    /**
     * Compares codes.
     *
     * @param codes codes of all items [items × levels]
     * @param queries item numbers, at least one; there are at least two items
     * @param nearest item numbers [queries × neighbours], at least one neighbour
     */
    public static NeighbourAgreement of(int[] codes, int levels, int[] queries, int[] nearest, Random random) {
        int items = codes.length / levels;
        int neighbours = nearest.length / queries.length;
        long[] agreeing = new long[levels];
        long[] byChance = new long[levels];
        for (int i = 0; i < nearest.length; i++) {
            int query = queries[i / neighbours];
            countShared(codes, levels, query, nearest[i], agreeing);
            int other = random.nextInt(items - 1);
            countShared(codes, levels, query, other < query ? other : other + 1, byChance);
        }
        return new NeighbourAgreement(
                items, queries.length, neighbours, shared(nearest.length, agreeing), shared(nearest.length, byChance));
    }

    private static SharedPrefixes shared(long pairs, long... agreeing) {
        return new SharedPrefixes(pairs, LongStream.of(agreeing).boxed().toList());
    }

    private static void countShared(int[] codes, int levels, int first, int second, long[] agreeing) {
        int mismatch = Arrays.mismatch(
                codes, first * levels, (first + 1) * levels, codes, second * levels, (second + 1) * levels);
        for (int depth = 0; depth < (mismatch < 0 ? levels : mismatch); depth++) {
            agreeing[depth]++;
        }
    }
}
