package io.residua.common.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Items and their codes, in a given order. */
public final class ItemIndex {
    private final List<String> ids;
    private final int levels;
    private final int[] codes;

    /**
     * An index of some items; nothing is copied.
     *
     * @param ids per item its id
     * @param levels entries per code; 0 only without items
     * @param codes row-major [items × levels]
     */
    public ItemIndex(List<String> ids, int levels, int[] codes) {
        if (codes.length != (long) ids.size() * levels || (levels == 0 && !ids.isEmpty())) {
            throw new IllegalArgumentException(
                    "codes has " + codes.length + " values, expected " + ids.size() + " items x " + levels + " levels");
        }
        this.ids = ids;
        this.levels = levels;
        this.codes = codes;
    }

    /** How many items there are. */
    public int size() {
        return ids.size();
    }

    /** The items' ids. */
    public List<String> ids() {
        return Collections.unmodifiableList(ids);
    }

    /** Entries per code; 0 if there are no items. */
    public int levels() {
        return levels;
    }

    /** All codes, row-major [items × levels]; not a copy. */
    public int[] codes() {
        return codes;
    }

    /** The code of the item at a place of the order. */
    public int[] code(int item) {
        return Arrays.copyOfRange(codes, item * levels, (item + 1) * levels);
    }

    /** Per level the largest code, plus one. */
    public List<Integer> smallestCodebookSizes() {
        return smallestCodebookSizes(levels, codes);
    }

    /** The same of row-major codes, [items × levels]. */
    public static List<Integer> smallestCodebookSizes(int levels, int[] codes) {
        int[] sizes = new int[levels];
        for (int k = 0; k < codes.length; k++) {
            sizes[k % levels] = Math.max(sizes[k % levels], codes[k] + 1);
        }
        return Arrays.stream(sizes).boxed().toList();
    }

    /** This index and then the items of another one, whose codes have as many levels. */
    public ItemIndex followedBy(ItemIndex other) {
        if (ids.isEmpty()) {
            return other;
        }
        List<String> allIds = new ArrayList<>(ids);
        allIds.addAll(other.ids);
        int[] allCodes = Arrays.copyOf(codes, codes.length + other.codes.length);
        System.arraycopy(other.codes, 0, allCodes, codes.length, other.codes.length);
        return new ItemIndex(allIds, levels, allCodes);
    }
}
