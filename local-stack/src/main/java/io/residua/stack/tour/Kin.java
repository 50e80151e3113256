package io.residua.stack.tour;

import java.util.ArrayList;
import java.util.List;

/**
 * The items whose codes begin as an item's code does.
 *
 * @param prefix levels of the longest beginning that any other item shares, 0 when none does
 * @param items indices of the items that share it, ascending; empty when none does
 */
record Kin(int prefix, List<Integer> items) {
    /** The kin of {@code item} among {@code codes}, one per item, all of the same length. */
    static Kin of(List<List<Integer>> codes, int item) {
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
        return new Kin(sharing.isEmpty() ? 0 : longest, List.copyOf(sharing));
    }

    private static int shared(List<Integer> a, List<Integer> b) {
        int level = 0;
        while (level < a.size() && a.get(level).equals(b.get(level))) {
            level++;
        }
        return level;
    }
}
