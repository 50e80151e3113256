package io.residua.indexer.generate;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.residua.common.index.CodeTable;
import java.util.Arrays;

/**
 * How many items of an index share codes.
 *
 * @param items items
 * @param distinct distinct codes among them
 * @param sharing items whose code another item has, too
 * @param largestGroup most items that have one code; 0 without items
 */
record Collisions(
        int items,
        @JsonProperty("distinctCodes") int distinct,
        @JsonProperty("itemsSharingACode") int sharing,
        int largestGroup) {
    /**
     * Counts those of codes.
     *
     * @param parts each row-major [items × levels]
     */
    static Collisions of(int levels, int[]... parts) {
        CodeTable table = new CodeTable(levels);
        int[] counts = new int
                [Arrays.stream(parts).mapToInt(codes -> codes.length / levels).sum()];
        for (int[] codes : parts) {
            for (int offset = 0; offset < codes.length; offset += levels) {
                counts[table.add(codes, offset)]++;
            }
        }
        int sharing = Arrays.stream(counts).filter(count -> count > 1).sum();
        int largest = Arrays.stream(counts).max().orElse(0);
        return new Collisions(counts.length, table.size(), sharing, largest);
    }

    /** (items − distinct codes) / items, the Python scripts' definition; 0 without items. */
    @JsonProperty
    double collisionRate() {
        return (double) (items - distinct) / Math.max(1, items);
    }

    /** Items that share their code / items, the other definition in use; 0 without items. */
    @JsonProperty
    double shareSharingACode() {
        return (double) sharing / Math.max(1, items);
    }
}
