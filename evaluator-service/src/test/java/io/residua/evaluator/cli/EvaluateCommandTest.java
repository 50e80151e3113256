package io.residua.evaluator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.cli.Flags;
import io.residua.common.network.Checkpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class EvaluateCommandTest {
    private static final String INDEX = """
            {"0": ["<a_0>", "<b_1>"], "1": ["<a_0>", "<b_1>"],
             "2": ["<a_3>", "<b_0>"], "3": ["<a_0>", "<b_0>"]}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private Path index;

    @BeforeEach
    void nameTheFile() {
        index = folder.resolve("index.json");
    }

    @Test
    void printsATable() throws IOException {
        // When
        int exit = evaluate(INDEX);

        // Then
        assertThat(exit).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "Index:                         " + index,
                        "Items:                         4",
                        "Distinct Codes:                3",
                        "Collision Rate:                0.250000",
                        "Items Sharing a Code:          0.500000 (2 / 4 items)",
                        "Largest Group:                 2",
                        "Average Codebook Utilization:  0.750000",
                        "  - Layer 0: 0.5000 (2 / 4 codes used), perplexity 1.75",
                        "  - Layer 1: 1.0000 (2 / 2 codes used), perplexity 2.00");
    }

    @Test
    void printsJson() throws IOException {
        // When
        int exit = evaluate(INDEX, "--json", "--num_emb_list", "8", "8");

        // Then
        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("\"items\" : 4", "\"distinctCodes\" : 3", "\"collisionRate\" : 0.25")
                .contains("\"itemsSharingACode\" : 2", "\"shareSharingACode\" : 0.5", "\"largestGroup\" : 2")
                .contains("\"averageUtilisation\" : 0.25", "\"size\" : 8", "\"utilisation\" : 0.25")
                .doesNotContain("checkpoint", "dataset", "relativeReconstructionError");
    }

    @Test
    void fullReportAddsTheItemsPerEntryAndPrefix() throws IOException {
        // When
        int exit = evaluate(INDEX, "--full");

        // Then
        assertThat(exit).isZero();
        assertThat(out.toString().lines().skip(9))
                .containsExactly(
                        "Items per Codebook Entry:",
                        "  - Layer 0: 4 entries, 2 of them unused, median 0, p90 3, p99 3, max 3, Gini 0.6250",
                        "  - Layer 1: 2 entries, 0 of them unused, median 2, p90 2, p99 2, max 2, Gini 0.0000",
                        "Items per Prefix:",
                        "  - Depth 1: 2 prefixes, median 1, p90 3, p99 3, max 3, Gini 0.2500",
                        "  - Depth 2: 3 prefixes, median 1, p90 2, p99 2, max 2, Gini 0.1667");
    }

    @Test
    void fullJsonHasTheFieldsOfTheShortOneToo() throws IOException {
        // When
        int exit = evaluate(INDEX, "--full", "--json");

        // Then
        assertThat(exit).isZero();
        assertThat(out.toString()).contains("\"items\" : 4", "\"groups\" : 3", "\"gini\" : 0.25");
    }

    @Test
    void codebookSizesAreTakenFromACheckpoint() throws IOException {
        // Given
        Path checkpoint = Path.of("src/test/resources/pytorch/bn.pth");
        Path model = Files.createDirectory(folder.resolve("model"));
        Checkpoint.read(checkpoint).write(model.resolve("checkpoint.safetensors"));

        for (Path path : List.of(checkpoint, model.resolve("checkpoint.safetensors"), model)) {
            // When
            int exit = evaluate(INDEX, "--ckpt_path", path.toString(), "--json");

            // Then
            assertThat(exit).as(err.toString()).isZero();
            assertThat(out.toString()).contains("\"size\" : 4", "\"size\" : 3").doesNotContain("\"size\" : 2");
            out.getBuffer().setLength(0);
        }
        assertThat(evaluate(INDEX, "--ckpt-path", checkpoint.toString(), "--num-emb-list", "4", "3"))
                .isZero();
    }

    @Test
    void checkpointThatContradictsTheSizesOrTheCodesIsRefused() throws IOException {
        // Given
        String checkpoint = "src/test/resources/pytorch/bn.pth";

        // When / Then
        assertThat(evaluate(INDEX, "--ckpt_path", checkpoint, "--num_emb_list", "4", "4"))
                .isEqualTo(2);
        assertThat(err.toString().strip())
                .isEqualTo("evaluate: --num_emb_list is [4, 4], but the codebooks of " + checkpoint + " are [4, 3]");
        assertThat(evaluate("{\"0\": [\"<a_4>\", \"<b_0>\"]}", "--ckpt_path", checkpoint))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--ckpt_path does not fit: the code of level 0 is 4, expected 0 to 3");
        assertThat(evaluate(INDEX, "--ckpt_path", index.toString())).isEqualTo(2);
        assertThat(err.toString()).contains(index + " is no checkpoint: expected");
    }

    @Test
    void emptyIndexHasNoLevels() throws IOException {
        // When
        int exit = evaluate("{}");

        // Then
        assertThat(exit).isZero();
        assertThat(out.toString()).contains("Items:                         0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1] | is no index: it does not begin with '{'",
                "{\"7\": 3} | is no index: item '7' has no list of tokens",
                "{\"7\": []} | is no index: item '7' has no tokens",
                "{\"7\": [\"<b_1>\"]} | is no index: item '7' has <b_1> where a token like <a_0> was expected",
                "{\"7\": [12]} | is no index: item '7' has 12 where a token like <a_0> was expected",
                "{\"7\": [\"<a_1>\"], \"8\": [\"<a_1>\", \"<b_1>\"]} | is no index: item '8' has 2 levels, the first 1",
                "{\"7\": [\"<a_1>\"], \"7\": [\"<a_1>\"]} | is no index: Duplicate field '7' (line 1)",
                "{\"7\": [\"<a_1>\"]} {} | is no index: the object is followed by more",
                "{\"7\": [\"<a_1>\"]}] | is no index: Unexpected close marker ']'",
                "{\"7\": [\"<a_1>\" | is no index: Unexpected end-of-input: expected close marker for Array"
                        + " (start marker at line: 1, column: 7) (line 1)"
            })
    void saysInOneLineWhatIsWrongWithTheFile(String content, String message) throws IOException {
        // When
        int exit = evaluate(content);

        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1).first().asString().contains(index + " " + message);
    }

    @Test
    void missingFileIsNamed() {
        // When
        int exit = command().execute("--index", index.toString());

        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo("evaluate: " + index + " does not exist");
    }

    @Test
    void folderIsNamed() {
        // When
        int exit = command().execute("--index", folder.toString());

        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo("evaluate: " + folder + " is no index: it is a folder");
    }

    @Test
    void codesBeyondTheirCodebookAreRefused() throws IOException {
        // When
        int exit = evaluate(INDEX, "--num_emb_list", "3", "2");

        // Then
        assertThat(exit).isEqualTo(2);
        assertThat(err.toString()).contains("--num_emb_list does not fit: the code of level 0 is 3, expected 0 to 2");
    }

    private int evaluate(String content, String... options) throws IOException {
        Files.writeString(index, content);
        String[] arguments = new String[options.length + 2];
        arguments[0] = "--index";
        arguments[1] = index.toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        return command().execute(arguments);
    }

    private CommandLine command() {
        return Flags.commandLine(new EvaluateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
    }
}
