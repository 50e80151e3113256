package io.residua.indexer.verify;

import io.residua.common.event.Json;
import io.residua.indexer.verify.Violations.Violation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The result of verifying an index.
 *
 * @param generations each generation that was judged
 * @param letters dead letters read
 * @param lettersOfOtherTopics those among them about malformed internal records
 * @param letterViolations dead letters that cannot be read
 */
record VerifyReport(
        List<GenerationReport> generations, long letters, long lettersOfOtherTopics, Violations letterViolations) {
    private static final String HEADING = "%-24s %12s %12s %12s %12s %14s %12s%n";
    private static final String ROW = "%-24s %,12d %,12d %,12d %,12d %,14d %,12d%n";

    boolean isClean() {
        return violations() == 0;
    }

    /** Whether there are no violations that the indexer may still resolve by catching up. */
    boolean isSettled() {
        return unanswered() == 0;
    }

    /** Number of violations that the indexer may still resolve by catching up. */
    long unanswered() {
        return generations.stream()
                .mapToLong(generation -> generation.violations().pending())
                .sum();
    }

    private long violations() {
        return letterViolations.total()
                + generations.stream()
                        .mapToLong(each -> each.violations().total())
                        .sum();
    }

    /** Prints a table, the unjudged cases, the first violations and the verdict. */
    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                HEADING,
                "generation",
                "live items",
                "with code",
                "refused",
                "deleted",
                "code records",
                "violations");
        for (GenerationReport each : generations) {
            out.printf(
                    Locale.ROOT,
                    ROW,
                    each.modelVersion(),
                    each.liveItems(),
                    each.withCode(),
                    each.refused(),
                    each.deletedItems(),
                    each.codeRecords(),
                    each.violations().total());
        }
        out.printf(
                Locale.ROOT, "%,d dead letters, %,d of them about internal records%n", letters, lettersOfOtherTopics);
        for (GenerationReport each : generations) {
            each.notJudged()
                    .counts()
                    .forEach((cause, count) -> out.printf(
                            Locale.ROOT,
                            "not judged in %s: %,d %s%n",
                            each.modelVersion(),
                            count,
                            cause.description()));
        }
        int left = Violations.MAX_KEPT;
        for (GenerationReport each : generations) {
            left -= print(out, each.modelVersion(), each.violations(), left);
        }
        print(out, "dead letters", letterViolations, left);
        out.println(verdict());
    }

    private static int print(PrintWriter out, String where, Violations violations, int max) {
        violations
                .counts()
                .forEach((kind, count) -> out.printf(Locale.ROOT, "%s: %,d %s%n", where, count, kind.label()));
        List<Violation> shown = violations.first().stream().limit(max).toList();
        shown.forEach(each -> out.println("  " + each.kind() + "  " + each.item() + ": " + each.detail()));
        return shown.size();
    }

    private String verdict() {
        return isClean()
                ? "clean: every promise that the log can prove is kept"
                : String.format(Locale.ROOT, "NOT CLEAN, violations: %,d", violations());
    }

    /** The same as one JSON object. */
    byte[] toJson() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("clean", isClean());
        report.put("settled", isSettled());
        report.put("deadLetters", letters);
        report.put("deadLettersOfInternalRecords", lettersOfOtherTopics);
        List<Map<String, Object>> each = new ArrayList<>();
        generations.forEach(generation -> each.add(toMap(generation)));
        report.put("generations", each);
        report.put("deadLetterViolations", toMap(letterViolations));
        return Json.writePretty(report);
    }

    private static Map<String, Object> toMap(GenerationReport generation) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("modelVersion", generation.modelVersion());
        map.put("liveItems", generation.liveItems());
        map.put("withCode", generation.withCode());
        map.put("refused", generation.refused());
        map.put("deletedItems", generation.deletedItems());
        map.put("codeRecords", generation.codeRecords());
        Map<String, Long> notJudged = new LinkedHashMap<>();
        generation
                .notJudged()
                .counts()
                .forEach((cause, count) ->
                        notJudged.put(cause.name().toLowerCase(Locale.ROOT).replace('_', '-'), count));
        map.put("notJudged", notJudged);
        map.put("violations", toMap(generation.violations()));
        return map;
    }

    private static Map<String, Object> toMap(Violations violations) {
        Map<String, Object> map = new LinkedHashMap<>();
        Map<String, Long> counts = new LinkedHashMap<>();
        violations.counts().forEach((kind, count) -> counts.put(kind.label(), count));
        map.put("total", violations.total());
        map.put("counts", counts);
        map.put("first", violations.first());
        return map;
    }
}
