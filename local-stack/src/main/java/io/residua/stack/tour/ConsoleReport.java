package io.residua.stack.tour;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.SemanticIds;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.tour.Sample.Item;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints the results of the tour. */
final class ConsoleReport {
    private static final int NEW_ITEMS = 6;
    private static final int MAX_NEIGHBOURS_NAMED = 5;

    private final PrintStream out;

    ConsoleReport(PrintStream out) {
        this.out = out;
    }

    /** Prints one line, formatted in the root locale. */
    void line(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }

    /** Prints some of the new items, each with the items that share the longest prefix of its code. */
    void newItems(Sample sample, List<ItemCode> codes) {
        List<List<Integer>> full = codes.stream().map(ItemCode::codes).toList();
        line("");
        line("New items, and the items whose codes begin as theirs:");
        int step = Math.max(1, sample.heldBack() / NEW_ITEMS);
        for (int shown = 0; shown < Math.min(NEW_ITEMS, sample.heldBack()); shown++) {
            int item = sample.firstHeldBack() + shown * step;
            Item shownItem = sample.item(item);
            PrefixNeighbours neighbours = PrefixNeighbours.of(full, item);
            line(
                    "  %-24s %s",
                    shownItem.title(), String.join(" ", codes.get(item).tokens()));
            line(
                    "    %s",
                    neighbours.prefix() == 0
                            ? "no other begins with this token"
                            : sharing(sample, full.get(item), neighbours));
        }
    }

    private static String sharing(Sample sample, List<Integer> code, PrefixNeighbours neighbours) {
        String named = neighbours.items().stream()
                .limit(MAX_NEIGHBOURS_NAMED)
                .map(item -> sample.item(item).title())
                .collect(Collectors.joining(", "));
        int more = neighbours.items().size() - MAX_NEIGHBOURS_NAMED;
        return String.join(" ", SemanticIds.tokens(code.subList(0, neighbours.prefix()))) + " also: " + named
                + (more > 0 ? " and " + more + " more" : "");
    }

    void metrics(IndexMetrics metrics) {
        line("");
        line("index-metrics of %s at %s:", metrics.modelVersion(), metrics.time());
        line(
                "  items %,d, distinct codes %,d, would collide unresolved %.2f %%, largest conflict %d",
                metrics.items(), metrics.distinctCodes(), 100 * metrics.rawCollisionRate(), metrics.largestConflict());
        line(
                "  resolved: nearest %,d, sinkhorn %,d, spilled %,d",
                metrics.resolved().nearest(),
                metrics.resolved().sinkhorn(),
                metrics.resolved().spilled());
        String levels = metrics.levels().stream()
                .map(level ->
                        String.format(Locale.ROOT, "%d/%d (%.0f)", level.used(), level.size(), level.perplexity()))
                .collect(Collectors.joining(", "));
        line("  entries used per level (perplexity): %s", levels);
    }

    void counts(Map<String, Long> before, Map<String, Long> after) {
        line("");
        line("Records before and after this run:");
        after.forEach((topic, count) -> line("  %-40s %,8d %,8d", topic, before.getOrDefault(topic, 0L), count));
    }

    void coded(int items, int came, double seconds) {
        if (came == 0) {
            line("%,d items have their codes already", items);
        } else {
            line("%,d items got codes within %.1f s of the model: %,.0f/s", came, seconds, came / seconds);
        }
    }

    void arrivals(int sent, Latencies latencies) {
        if (latencies.count() == 0) {
            line("%d new items sent again; they have codes already", sent);
        } else {
            line(
                    "%d new items sent one by one; from embedding to code: median %.0f ms, p99 %.0f ms",
                    sent, latencies.percentileMillis(50), latencies.percentileMillis(99));
        }
    }

    void share(int newItems, NeighbourShare share) {
        line("");
        line(
                "Of the %d new items, %.1f %% have the first token of their nearest neighbour by cosine; of random pairs,"
                        + " %.1f %% (%.0f times fewer)",
                newItems, 100 * share.neighbours(), 100 * share.random(), share.ratio());
    }

    /** Prints commands to continue with. */
    void next(String bootstrapServers, TopicsConfig names, String codesTopic, String anItem) {
        String kcat = "kcat -b " + bootstrapServers;
        line("");
        line("Where to look next:");
        line("  all codes       %s -C -t %s -X isolation.level=read_committed -o beginning -e", kcat, codesTopic);
        line("  live metrics    %s -C -t %s -o end", kcat, names.indexMetrics());
        line(
                "  add an item     printf 'my-item\\t{\"vector\": [0.1, …]}\\n' | %s -P -t %s -K '\\t'"
                        + " -H content-type=application/json -X partitioner=murmur2_random",
                kcat, names.itemEmbeddings());
        line(
                "  delete an item  printf '%s\\t\\n' | %s -P -t %s -K '\\t' -Z -X partitioner=murmur2_random",
                anItem, kcat, names.itemEmbeddings());
    }
}
