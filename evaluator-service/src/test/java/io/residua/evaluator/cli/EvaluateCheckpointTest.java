package io.residua.evaluator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.cli.Flags;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.common.npy.NpyFile;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.safetensors.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints are what Python trained; expectations are counted from the codes that the Python reference gave, and errors
 * from what its decoder made of them.
 */
class EvaluateCheckpointTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path INPUT = GOLDEN.resolve("input.npy");
    private static final Path PYTORCH = Path.of("src/test/resources/pytorch");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"model_sk0.pth", "model_sk003.pth", "model_sk0_last01.pth"})
    void figuresAreTheReferences(String file) {
        // Given
        Path checkpoint = GOLDEN.resolve(file);

        // When
        int status = evaluate("--ckpt_path", checkpoint, "--data_path", INPUT, "--device", "cpu", "--batch_size", 2048);

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "Checkpoint:                    " + checkpoint,
                        "Dataset:                       " + INPUT,
                        "Items:                         40",
                        "Distinct Codes:                23",
                        "Collision Rate:                0.425000",
                        "Items Sharing a Code:          0.625000 (25 / 40 items)",
                        "Largest Group:                 6",
                        "Relative Reconstruction Error: 0.999390",
                        "Average Codebook Utilization:  1.000000",
                        "  - Layer 0: 1.0000 (5 / 5 codes used), perplexity 3.65",
                        "  - Layer 1: 1.0000 (5 / 5 codes used), perplexity 4.66",
                        "  - Layer 2: 1.0000 (5 / 5 codes used), perplexity 3.66");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void fullReportSaysWhatNeighboursShare() throws IOException {
        // Given
        Path checkpoint = GOLDEN.resolve("model_sk0.pth");

        // When
        int status = evaluate("--ckpt_path", checkpoint, "--data_path", INPUT, "--device", "cpu", "--full", "--json");

        // Then
        assertThat(status).as(err.toString()).isZero();
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.get("distinctCodes").asInt()).isEqualTo(23);
        assertThat(report.get("prefixes").get(2).get("groups").asInt()).isEqualTo(23);
        JsonNode agreement = report.get("neighbourAgreement");
        assertThat(agreement.get("queries").asInt()).isEqualTo(40);
        assertThat(agreement.get("neighbourPairs").get("pairs").asInt()).isEqualTo(400);
        assertThat(agreement.get("neighbourPairs").get("agreeing").get(0).asInt())
                .isGreaterThan(
                        agreement.get("randomPairs").get("agreeing").get(0).asInt());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100})
    void batchNormalisationIsApplied(int batchSize) throws IOException {
        // Given
        Safetensors expected = Safetensors.read(PYTORCH.resolve("bn.expected.safetensors"));
        Path data = npy("x.npy", 6, expected.tensor("x").floats());

        // When
        int status = evaluate("--ckpt_path", PYTORCH.resolve("bn.pth"), "--data_path", data, "--batch_size", batchSize);

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString().lines())
                .contains(
                        "Items:                         50",
                        "Collision Rate:                0.960000",
                        "Items Sharing a Code:          1.000000 (50 / 50 items)",
                        "Largest Group:                 31",
                        "Relative Reconstruction Error: 1.027813",
                        "Average Codebook Utilization:  0.458333",
                        "  - Layer 0: 0.2500 (1 / 4 codes used), perplexity 1.00",
                        "  - Layer 1: 0.6667 (2 / 3 codes used), perplexity 1.94");
    }

    @Test
    void dataComeFromTheCheckpoint() throws IOException {
        // Given
        Path one = trainedOn(INPUT);
        Path model = modelFolder(INPUT, INPUT);

        // When / Then
        assertThat(evaluate("--ckpt_path", one)).as(err.toString()).isZero();
        assertThat(out.toString()).contains("Dataset:                       " + INPUT.toAbsolutePath() + "\n");
        assertThat(evaluate("--ckpt_path", model)).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("Items:                         80", "Distinct Codes:                23")
                .contains("Dataset:                       " + INPUT.toAbsolutePath() + " " + INPUT.toAbsolutePath());
    }

    @Test
    void dataThatAreNamedComeBeforeTheCheckpoints() throws IOException {
        // Given
        Path checkpoint = trainedOn(folder.resolve("gone.npy"));
        Path other = npy("other.npy", 16, new float[32]);

        // When / Then
        assertThat(evaluate("--ckpt_path", checkpoint, "--data_path", other))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("Items:                         2\n", "Dataset:                       " + other);
        assertThat(evaluate("--ckpt_path", checkpoint, "--data_paths", INPUT, other))
                .isZero();
        assertThat(out.toString()).contains("Items:                         42\n");
    }

    @Test
    void jsonHasTheSameFigures() throws IOException {
        // When
        int status = evaluate("--ckpt_path", GOLDEN.resolve("model_sk0.pth"), "--data_path", INPUT, "--json");

        // Then
        assertThat(status).as(err.toString()).isZero();
        JsonNode report = new ObjectMapper().readTree(out.toString());
        assertThat(report.get("checkpoint").asText())
                .isEqualTo(GOLDEN.resolve("model_sk0.pth").toString());
        assertThat(report.get("dataset").get(0).asText()).isEqualTo(INPUT.toString());
        assertThat(report.get("items").asInt()).isEqualTo(40);
        assertThat(report.get("distinctCodes").asInt()).isEqualTo(23);
        assertThat(report.get("collisionRate").asDouble()).isEqualTo(0.425);
        assertThat(report.get("shareSharingACode").asDouble()).isEqualTo(0.625);
        assertThat(report.get("largestGroup").asInt()).isEqualTo(6);
        assertThat(report.get("averageUtilisation").asDouble()).isEqualTo(1);
        assertThat(report.get("relativeReconstructionError").asDouble()).isCloseTo(0.99939, within(1e-6));
        assertThat(report.get("levels")).hasSize(3);
        assertThat(report.get("levels").get(1).get("perplexity").asDouble()).isCloseTo(4.66, within(0.005));
        assertThat(report.has("index")).isFalse();
    }

    @Test
    void rowsThatTrainingLeavesOutAreLeftOutAndCounted() throws IOException {
        // Given
        float[] rows = new float[43 * 16];
        try (NpyFile input = NpyFile.open(INPUT)) {
            input.readRows(0, 20, rows, 16);
            input.readRows(20, 20, rows, 22 * 16);
        }
        rows[15] = Float.NaN;
        rows[21 * 16] = Float.NEGATIVE_INFINITY;
        rows[42 * 16 + 7] = Float.NaN;
        Path data = npy("rows.npy", 16, rows);
        evaluate("--ckpt_path", GOLDEN.resolve("model_sk0.pth"), "--data_path", INPUT, "--batch_size", 1);
        List<String> figures = out.toString().lines().skip(3).toList();

        for (int batchSize : new int[] {1, 7, 2048}) {
            // When
            out.getBuffer().setLength(0);
            int status = evaluate(
                    "--ckpt_path", GOLDEN.resolve("model_sk0.pth"), "--data_path", data, "--batch_size", batchSize);

            // Then
            assertThat(status).as(err.toString()).isZero();
            List<String> lines = out.toString().lines().toList();
            assertThat(lines.subList(2, 4))
                    .containsExactly(
                            "Items:                         40", "Rows Left Out:                 3 (not finite)");
            assertThat(lines.subList(4, lines.size())).isEqualTo(figures);
        }
        out.getBuffer().setLength(0);
        assertThat(evaluate("--ckpt_path", GOLDEN.resolve("model_sk0.pth"), "--data_path", data, "--json"))
                .isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.toString())
                        .get("rowsLeftOut")
                        .asInt())
                .isEqualTo(3);
    }

    @Test
    void errorRelativeToNothingIsNotPrinted() throws IOException {
        // Given
        Path zeros = npy("zeros.npy", 16, new float[32]);
        Path checkpoint = GOLDEN.resolve("model_sk0.pth");

        // When / Then
        assertThat(evaluate("--ckpt_path", checkpoint, "--data_path", zeros)).isZero();
        assertThat(out.toString())
                .contains("Items:                         2\n")
                .doesNotContain("Error");
        assertThat(evaluate("--ckpt_path", checkpoint, "--data_path", zeros, "--json"))
                .isZero();
        assertThat(out.toString()).contains("\"items\" : 2").doesNotContain("relativeReconstructionError");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | --ckpt_path is missing, or --index for an index",
                "--ckpt_path | Missing required parameter for option '--ckpt_path' (PATH)",
                "--ckpt_path PTH --batch_size many | Invalid value for option '--batch_size': 'many' is not an int",
                "--ckpt_path PTH --data_path DATA --batch_size 0 | --batch_size is 0, expected at least 1",
                "--ckpt_path PTH --data_path DATA --device gpu | device is 'gpu', expected auto, cpu or cuda:N with N from 0",
                "--ckpt_path PTH --data_path DATA --sinkhorn 3 | there is no option --sinkhorn 3",
                "--ckpt_path PTH --data_path none.npy | there is no file none.npy",
                "--ckpt_path PTH --data_path DATA --data_paths DATA | --data_path and --data_paths exclude each other",
                "--index none.json --data_path DATA | --index and --data_path exclude each other",
                "--index none.json --data_paths DATA | --index and --data_paths exclude each other",
                "--index none.json --device cpu | --index and --device exclude each other",
                "--index none.json --batch-size 7 | --index and --batch_size exclude each other",
                "--ckpt_path none.pth | none.pth does not exist",
                "--ckpt_path GONE | there is no file gone/items.npy, which GONE was trained on, in HERE : name the file with --data_path",
                "--ckpt_path SILENT | SILENT does not say which file it was trained on: name the file with --data_path",
                "--ckpt_path PTH --data_path NARROW | NARROW has rows of 3 elements, the model takes 16",
                "--ckpt_path PTH --data_path EMPTY | EMPTY has no rows",
                "--ckpt_path PTH --data_paths EMPTY EMPTY | EMPTY , EMPTY have no rows",
                "--ckpt_path PTH --data_path FOLDER | FOLDER is a folder, expected a .npy file",
                "--ckpt_path PTH --data_path LARGE | row 1 of LARGE is too large for the model: its latent is not finite",
                "--ckpt_path PTH --data_path NAN | every row of NAN holds NaN or infinity"
            })
    void whatIsWrongIsSaidInOneLine(String arguments, String reason) throws IOException {
        // Given
        Path silent = folder.resolve("silent.safetensors");
        golden().withMetadata(Map.of()).write(silent);
        float[] nan = new float[32];
        nan[3] = Float.POSITIVE_INFINITY;
        nan[20] = Float.NaN;
        float[] large = new float[32];
        Arrays.fill(large, 16, 32, 3e38f);
        Map<String, Path> files = Map.of(
                "HERE", Path.of("").toAbsolutePath(),
                "FOLDER", folder,
                "EMPTY", npy("empty.npy", 16, new float[0]),
                "LARGE", npy("large.npy", 16, large),
                "PTH", GOLDEN.resolve("model_sk0.pth"),
                "DATA", INPUT,
                "GONE", trainedOn("gone/items.npy"),
                "SILENT", silent,
                "NARROW", npy("narrow.npy", 3, new float[3]),
                "NAN", npy("nan.npy", 16, nan));
        Object[] words = Arrays.stream(arguments.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> files.getOrDefault(word, Path.of(word)))
                .toArray();
        String expected = reason;
        for (Map.Entry<String, Path> file : files.entrySet()) {
            expected = expected.replace(file.getKey() + " ", file.getValue() + " ");
        }
        expected = expected.replace(" :", ":").replace(" ,", ",");

        // When
        int status = evaluate(words);

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().lines()).containsExactly("evaluate: " + expected);
        assertThat(out.toString()).isEmpty();
    }

    private int evaluate(Object... arguments) {
        return Flags.commandLine(new EvaluateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    }

    private static Checkpoint golden() throws IOException {
        return Checkpoint.read(GOLDEN.resolve("model_sk0.pth"));
    }

    private Path trainedOn(Path data) throws IOException {
        return trainedOn(data.toAbsolutePath().toString());
    }

    private Path trainedOn(String data) throws IOException {
        Path file = folder.resolve("trained.safetensors");
        golden().withMetadata(TrainingData.metadata(List.of(data))).write(file);
        return file;
    }

    private Path modelFolder(Path... data) throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        List<String> files = Arrays.stream(data)
                .map(file -> file.toAbsolutePath().toString())
                .toList();
        golden().withMetadata(TrainingData.metadata(files)).write(model.resolve("checkpoint.safetensors"));
        Files.write(model.resolve("encoder.onnx"), OnnxExport.encoder(golden()));
        Files.write(model.resolve("decoder.onnx"), OnnxExport.decoder(golden()));
        return model;
    }

    private Path npy(String name, int dim, float[] rows) throws IOException {
        Path file = folder.resolve(name);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, dim)) {
            for (int offset = 0; offset < rows.length; offset += dim) {
                writer.writeRow(rows, offset);
            }
            writer.commit();
        }
        return file;
    }
}
