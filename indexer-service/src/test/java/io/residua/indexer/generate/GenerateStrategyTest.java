package io.residua.indexer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateStrategyTest extends GenerateHarness {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"sk0", "sk003", "sk0_last01"})
    void referenceGivesThePythonScriptsIndex(String model) throws IOException {
        // Given
        JsonNode expected = JSON.readTree(
                GOLDEN.resolve("generate_indices_" + model + ".json").toFile());
        Path index = folder.resolve("index.json");

        // When
        int status = generate(
                GOLDEN.resolve("model_" + model + ".pth"),
                GOLDEN.resolve("input.npy"),
                index,
                "--strategy",
                "reference");

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(JSON.readTree(index.toFile())).isEqualTo(expected);
        assertThat(out.toString())
                .contains("Strategy:                  reference", "Distinct Codes:            23 -> 31");
    }

    @Test
    void referenceStopsAfterTheRoundsItIsGiven() throws IOException {
        // Given
        Path model = GOLDEN.resolve("model_sk0.pth");
        Path data = GOLDEN.resolve("input.npy");
        Path index = folder.resolve("index.json");

        // When
        int status = generate(model, data, index, "--strategy", "reference", "--max_reencode_rounds", "0");

        // Then
        assertThat(status).isZero();
        assertThat(out.toString()).contains("Distinct Codes:            23 -> 23", "Moved Items:               0");
    }

    @ParameterizedTest
    @CsvSource({"sinkhorn", "optimal", "OPTIMAL"})
    void everyRowGetsACodeOfItsOwn(String strategy) throws IOException {
        // Given
        float[] same = {-10, 0, 1};
        Path data = npy(List.of(same, same, same, same, new float[] {10, 2, 1}));

        // When
        int status = run(data, folder.resolve("index.json"), "--strategy", strategy, "--json");

        // Then
        assertThat(status).as(err.toString()).isZero();
        JsonNode report = JSON.readTree(out.toString());
        assertThat(report.at("/nearest/distinctCodes").asInt()).isEqualTo(2);
        assertThat(report.at("/nearest/collisionRate").asDouble()).isEqualTo(0.6);
        assertThat(report.at("/nearest/itemsSharingACode").asInt()).isEqualTo(4);
        assertThat(report.at("/nearest/shareSharingACode").asDouble()).isEqualTo(0.8);
        assertThat(report.at("/nearest/largestGroup").asInt()).isEqualTo(4);
        assertThat(report.at("/written/distinctCodes").asInt()).isEqualTo(5);
        assertThat(report.at("/written/largestGroup").asInt()).isEqualTo(1);
        assertThat(report.at("/moves/moved").asInt()).isEqualTo(3);
        assertThat(report.at("/moves/spilled").asInt()).isEqualTo(1);
        assertThat(report.has("appended")).isFalse();
    }

    @Test
    void optionOfAnotherStrategyIsRefusedInOneLine() throws IOException {
        // Given
        Path data = npy(List.of(new float[] {-10, 0, 1}));
        Path index = folder.resolve("index.json");

        // When / Then
        assertThat(run(data, index, "--strategy", "optimal", "--sinkhorn_epsilon", "0.1"))
                .isEqualTo(2);
        assertThat(run(data, index, "--max_reencode_rounds", "3")).isEqualTo(2);
        assertThat(run(data, index, "--strategy", "reference", "--max_reencode_rounds", "-1"))
                .isEqualTo(2);
        assertThat(run(data, index, "--sinkhorn_epsilon", "0")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "generate: --sinkhorn_epsilon is for --strategy sinkhorn",
                        "generate: --max_reencode_rounds is for --strategy reference",
                        "generate: --max_reencode_rounds is -1, expected at least 0",
                        "generate: epsilon is 0.0, expected 0.001 to 1");
        assertThat(run(data, index, "--strategy", "greedy")).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(5).contains("'greedy' is none of sinkhorn, optimal, reference");
        assertThat(index).doesNotExist();
    }
}
