package io.residua.evaluator;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import io.residua.evaluator.tally.CodedItem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Items for tests, and a recount of them from scratch. */
public final class TestItems {
    public static final String MODEL = "m1";
    public static final List<Integer> SIZES = List.of(4, 3, 5);
    public static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    private TestItems() {}

    /** An item drawn so that nearest codes collide often. */
    public static CodedItem random(Random random) {
        List<Integer> nearest = new ArrayList<>();
        SIZES.forEach(size -> nearest.add(Math.min(random.nextInt(size), random.nextInt(size))));
        List<Integer> codes = new ArrayList<>(nearest);
        codes.set(2, random.nextInt(SIZES.get(2)));
        Resolution resolution = Resolution.values()[random.nextInt(3)];
        return new CodedItem(codes, nearest, resolution, random.nextDouble() * 10, random.nextDouble());
    }

    public static CodedItem item(List<Integer> codes, List<Integer> nearest, Resolution resolution, double error) {
        return new CodedItem(codes, nearest, resolution, error, error / 2);
    }

    public static ItemCode record(String id, CodedItem item) {
        return new ItemCode(
                id,
                MODEL,
                item.codes(),
                SemanticIds.tokens(item.codes()),
                item.nearestCodes(),
                1,
                item.resolution(),
                item.quantisationError(),
                item.nearestError(),
                1.0,
                0,
                0,
                TIME,
                TIME);
    }

    public static ModelPublished model(String version, List<Integer> sizes) {
        ModelManifest manifest = new ModelManifest(
                ModelManifest.FORMAT,
                version,
                TIME,
                new ModelShape(8, List.of(16), 4, sizes),
                new TrainingMetrics(10, 1, 1, 1, 1, 0, List.of(1.0, 1.0, 1.0), 0.5),
                new TreeMap<>());
        return new ModelPublished(version, null, "file:///models/" + version, "00", manifest, TIME);
    }

    /** The metrics of {@code items}, counted the plain way. */
    public static IndexMetrics recount(Collection<CodedItem> items, Instant time) {
        Map<List<Integer>, Integer> nearest = new HashMap<>();
        items.forEach(item -> nearest.merge(item.nearestCodes(), 1, Integer::sum));
        long n = items.size();
        return new IndexMetrics(
                MODEL,
                n,
                items.stream().map(CodedItem::codes).distinct().count(),
                n == 0 ? 0 : (n - nearest.size()) / (double) n,
                nearest.values().stream().mapToLong(Integer::longValue).max().orElse(0),
                new IndexMetrics.Resolved(
                        count(items, Resolution.NEAREST),
                        count(items, Resolution.SINKHORN),
                        count(items, Resolution.SPILLED)),
                levels(items),
                items.stream()
                        .mapToDouble(CodedItem::quantisationError)
                        .average()
                        .orElse(0),
                items.stream().mapToDouble(CodedItem::nearestError).average().orElse(0),
                time);
    }

    private static long count(Collection<CodedItem> items, Resolution resolution) {
        return items.stream().filter(item -> item.resolution() == resolution).count();
    }

    private static List<IndexMetrics.Level> levels(Collection<CodedItem> items) {
        List<IndexMetrics.Level> levels = new ArrayList<>();
        for (int level = 0; level < SIZES.size(); level++) {
            Map<Integer, Integer> entries = new HashMap<>();
            for (CodedItem item : items) {
                entries.merge(item.nearestCodes().get(level), 1, Integer::sum);
            }
            double entropy = entries.values().stream()
                    .mapToDouble(count -> count / (double) items.size())
                    .map(share -> -share * Math.log(share))
                    .sum();
            int size = SIZES.get(level);
            levels.add(new IndexMetrics.Level(
                    size, entries.size(), entries.size() / (double) size, entropy, Math.exp(entropy)));
        }
        return levels;
    }
}
