package io.residua.evaluator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.residua.evaluator.quality.GroupSizes;
import io.residua.evaluator.quality.NeighbourAgreement;
import io.residua.evaluator.quality.NeighbourAgreement.SharedPrefixes;
import io.residua.evaluator.tally.HeapCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code evaluate --full} says beyond {@link IndexReport}.
 *
 * @param entries items per codebook entry, unused ones included, for each level
 * @param prefixes items per distinct prefix, for each depth from 1
 * @param neighbourAgreement what neighbours share; {@code null} for an index file and for very few items
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record IndexStructure(List<GroupSizes> entries, List<GroupSizes> prefixes, NeighbourAgreement neighbourAgreement) {
    static IndexStructure of(HeapCounts counts, List<Integer> codebookSizes, NeighbourAgreement neighbourAgreement) {
        List<GroupSizes> entries = new ArrayList<>();
        List<GroupSizes> prefixes = new ArrayList<>();
        for (int level = 0; level < codebookSizes.size(); level++) {
            entries.add(GroupSizes.of(itemsPerEntry(counts, level, codebookSizes.get(level))));
            prefixes.add(GroupSizes.of(itemsPerPrefix(counts, level + 1)));
        }
        return new IndexStructure(entries, prefixes, neighbourAgreement);
    }

    private static long[] itemsPerEntry(HeapCounts counts, int level, int size) {
        long[] items = new long[size];
        counts.forEach((code, count) -> items[code.get(level)] += count.coded());
        return items;
    }

    private static long[] itemsPerPrefix(HeapCounts counts, int depth) {
        Map<List<Integer>, Long> items = new HashMap<>();
        counts.forEach((code, count) -> items.merge(code.subList(0, depth), (long) count.coded(), Long::sum));
        return items.values().stream().mapToLong(Long::longValue).toArray();
    }

    /** Lines for people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Items per Codebook Entry:");
        for (int level = 0; level < entries.size(); level++) {
            GroupSizes at = entries.get(level);
            lines.add(format(
                    "  - Layer %d: %d entries, %d of them unused, %s", level, at.groups(), at.empty(), spread(at)));
        }
        lines.add("Items per Prefix:");
        for (int i = 0; i < prefixes.size(); i++) {
            GroupSizes at = prefixes.get(i);
            lines.add(format("  - Depth %d: %d prefixes, %s", i + 1, at.groups(), spread(at)));
        }
        if (neighbourAgreement != null) {
            addNeighbours(lines);
        }
        return lines;
    }

    private static String spread(GroupSizes at) {
        return format(
                "median %d, p90 %d, p99 %d, max %d, Gini %.4f", at.median(), at.p90(), at.p99(), at.max(), at.gini());
    }

    private void addNeighbours(List<String> lines) {
        lines.add(format(
                "Neighbours That Share Codes: of %d items the %d nearest by cosine among %d; random pairs",
                neighbourAgreement.queries(), neighbourAgreement.neighbours(), neighbourAgreement.items()));
        SharedPrefixes near = neighbourAgreement.neighbourPairs();
        SharedPrefixes random = neighbourAgreement.randomPairs();
        for (int depth = 1; depth <= prefixes.size(); depth++) {
            lines.add(format(
                    "  - Depth %d: %.4f (%d / %d); %.4f (%d / %d)",
                    depth,
                    near.share(depth),
                    near.agreeing().get(depth - 1),
                    near.pairs(),
                    random.share(depth),
                    random.agreeing().get(depth - 1),
                    random.pairs()));
        }
        lines.add(format(
                "  - Mean common prefix: %.4f (%d / %d); %.4f (%d / %d)",
                near.meanPrefix(),
                near.sharedCodes(),
                near.pairs(),
                random.meanPrefix(),
                random.sharedCodes(),
                random.pairs()));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
