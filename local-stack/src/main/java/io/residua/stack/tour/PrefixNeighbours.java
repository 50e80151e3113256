package io.residua.stack.tour;

import java.util.ArrayList;
import java.util.List;

/**
 * The items that share the longest code prefix with an item.
 *
 * @param prefix length of that prefix in levels, 0 if no other item shares the first level
 * @param items indices of the items that share it, ascending
 */
record PrefixNeighbours(int prefix, List<Integer> items) {
    /** The neighbours of {@code item}; {@code codes} has one code per item, all of the same length. */
    static PrefixNeighbours of(List<List<Integer>> codes, int item) {
        int longest = 1;
        List<Integer> sharing = new ArrayList<>();
        for (int other = 0; other < codes.size(); other++) {
            int shared = other == item ? 0 : shared(codes.get(item), codes.get(other));
            if (shared > longest) {
                longest = shared;
                sharing.clear();
            }
            if (shared == longest) {
                sharing.add(other);
            }
        }
        return new PrefixNeighbours(sharing.isEmpty() ? 0 : longest, List.copyOf(sharing));
    }

    private static int shared(List<Integer> a, List<Integer> b) {
        int level = 0;
        while (level < a.size() && a.get(level).equals(b.get(level))) {
            level++;
        }
        return level;
    }
}
