package io.residua.indexer.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerifyReportTest {
    private final HistoryBuilder history = new HistoryBuilder();

    @Test
    void firstTwentyViolationsOfAllGenerationsAreShownAndAllAreCounted() {
        // Given
        history.model("model-b");
        for (int i = 0; i < 15; i++) {
            history.embedding("item-" + i, i, 0);
        }

        // When
        List<String> lines = print(history.report());

        // Then
        assertThat(lines)
                .filteredOn(line -> line.startsWith("  missing-code  item-"))
                .hasSize(20);
        assertThat(lines)
                .contains("model-a: 15 missing-code", "model-b: 15 missing-code")
                .last()
                .isEqualTo("NOT CLEAN, violations: 30");
    }

    @Test
    void whatWasNotJudgedIsSaidAndIsNoViolation() {
        // Given
        history.embedding("a", 1, 1).embedding("a", 1, 1).code("a", 0, 1, 0).compacted(0);

        // When
        List<String> lines = print(history.report());

        // Then
        assertThat(lines)
                .contains("not judged in model-a: 1 items whose code is of an embedding that compaction has removed")
                .last()
                .isEqualTo("clean: every promise that the log can prove is kept");
    }

    @Test
    void unreadableLettersAreShown() {
        // Given
        history.letter("a", Map.of("reason", "bad-json"));

        // When
        List<String> lines = print(history.report());

        // Then
        assertThat(lines)
                .contains(
                        "dead letters: 1 unreadable-letter",
                        "  unreadable-letter  a: item-embeddings-dlq-0@0: header dead-letter-topic is missing");
    }

    @Test
    void jsonHasTheSameFigures() {
        // Given
        history.embedding("a", 1, 1).embedding("b", 2, 2).code("a", 0, 1, 0);

        // When
        Map<?, ?> report = Json.read(history.report().toJson(), Map.class);

        // Then
        assertThat(report.get("clean")).isEqualTo(false);
        assertThat(report.get("settled")).isEqualTo(false);
        Map<?, ?> generation = (Map<?, ?>) ((List<?>) report.get("generations")).get(0);
        assertThat(generation.get("liveItems")).isEqualTo(2);
        assertThat(generation.get("withCode")).isEqualTo(1);
        Map<?, ?> violations = (Map<?, ?>) generation.get("violations");
        assertThat(violations.get("counts")).isEqualTo(Map.of("missing-code", 1));
        assertThat(violations.get("first"))
                .isEqualTo(List.of(Map.of(
                        "kind",
                        "missing-code",
                        "item",
                        "b",
                        "detail",
                        "no code and no dead letter, expected one of the two for embedding 0@1")));
    }

    private static List<String> print(VerifyReport report) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        report.print(writer);
        writer.flush();
        return out.toString().lines().toList();
    }
}
