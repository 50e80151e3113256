package io.residua.indexer.lookup;

import io.residua.common.event.SemanticIds;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/** What look-ups answer. Every answer holds all records of the codes topic below its {@code offsets}, per partition. */
final class LookupAnswers {
    private LookupAnswers() {}

    /**
     * An item and its code.
     *
     * @param itemId the item
     * @param modelVersion the model that coded it
     * @param codes the code, coarsest level first
     * @param tokens the code as tokens
     * @param claim grows with every grant of the code
     * @param offsets how far the answer is
     */
    record ItemAnswer(
            String itemId,
            String modelVersion,
            List<Integer> codes,
            List<String> tokens,
            long claim,
            SortedMap<Integer, Long> offsets) {
        static ItemAnswer of(HeldItem item, String modelVersion, ReadPosition position) {
            List<Integer> codes = boxed(item.code());
            return new ItemAnswer(
                    item.itemId(), modelVersion, codes, SemanticIds.tokens(codes), item.claim(), position.offsets());
        }
    }

    /**
     * What follows a prefix.
     *
     * @param modelVersion the model
     * @param prefix the first entries of a code
     * @param items how many items' codes begin so
     * @param children the entries that may follow, in ascending order
     * @param offsets how far the answer is
     */
    record PrefixAnswer(
            String modelVersion,
            List<Integer> prefix,
            long items,
            List<Child> children,
            SortedMap<Integer, Long> offsets) {
        static PrefixAnswer of(int[] prefix, List<PrefixChild> children, String modelVersion, ReadPosition position) {
            return new PrefixAnswer(
                    modelVersion,
                    boxed(prefix),
                    children.stream().mapToLong(PrefixChild::items).sum(),
                    children.stream()
                            .map(child -> Child.of(child, prefix.length))
                            .toList(),
                    position.offsets());
        }
    }

    /**
     * An entry that may follow a prefix.
     *
     * @param code the entry
     * @param token the entry as a token
     * @param items how many items' codes begin with the prefix and the entry
     * @param samples ids of some of these items
     */
    record Child(int code, String token, long items, List<String> samples) {
        static Child of(PrefixChild child, int level) {
            return new Child(child.entry(), SemanticIds.token(level, child.entry()), child.items(), child.samples());
        }
    }

    private static List<Integer> boxed(int[] entries) {
        return Arrays.stream(entries).boxed().toList();
    }
}
