package io.residua.indexer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.common.onnx.OnnxExport;
import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerateCommandTest extends GenerateHarness {
    @Test
    void everyRowGetsACodeOfItsOwn() throws IOException {
        // Given
        Path data = npy(List.of(
                new float[] {-10, 0, 1}, new float[] {-10, 0, 1}, new float[] {10, 2, 1}, new float[] {-10, 2, 1}));

        // When
        int status = run(data, folder.resolve("index.json"));

        // Then
        assertThat(status).isZero();
        JsonNode index =
                new ObjectMapper().readTree(folder.resolve("index.json").toFile());
        assertThat(index.get("0").toString()).isEqualTo("[\"<a_0>\",\"<b_0>\"]");
        assertThat(index.get("1").toString()).isEqualTo("[\"<a_0>\",\"<b_1>\"]");
        assertThat(index.get("2").toString()).isEqualTo("[\"<a_1>\",\"<b_2>\"]");
        assertThat(index.get("3").toString()).isEqualTo("[\"<a_0>\",\"<b_2>\"]");
        assertThat(out.toString().lines())
                .containsExactly(
                        "Index:                     " + folder.resolve("index.json"),
                        "Strategy:                  sinkhorn",
                        "Items:                     4",
                        "Distinct Codes:            3 -> 4",
                        "Collision Rate:            0.250000 -> 0.000000",
                        "Items Sharing a Code:      0.500000 -> 0.000000",
                        "Largest Group:             2 -> 1",
                        "Moved Items:               1",
                        "Spilled Items:             0");
    }

    @Test
    void manyRowsInSeveralBatchesStayDistinct() throws IOException {
        // Given
        Random random = new Random(3);
        float[][] codebooks = {new float[8 * 4], new float[8 * 4], new float[512 * 4]};
        for (float[] codebook : codebooks) {
            for (int i = 0; i < codebook.length; i++) {
                codebook[i] = (float) random.nextGaussian();
            }
        }
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            float[] row = {random.nextInt(3), random.nextInt(3), random.nextInt(3), random.nextInt(3), 0};
            rows.add(row);
        }
        Path data = npy(rows);
        TinyModel model = new TinyModel(5, 4, codebooks);
        model.write(folder.resolve("model"));

        // When
        int status = execute(data, folder.resolve("index.json"), "--batch_size", "64");

        // Then
        assertThat(status).as(err.toString()).isZero();
        Set<String> codes = new HashSet<>();
        new ObjectMapper().readTree(folder.resolve("index.json").toFile()).forEach(code -> codes.add(code.toString()));
        assertThat(codes).hasSize(1_100);
    }

    @Test
    void checkpointOfEitherKindGivesTheIndexThatItsModelFolderGives() throws IOException {
        // Given
        Path pth = GOLDEN.resolve("model_sk0.pth");
        Checkpoint checkpoint = Checkpoint.read(pth);
        Path model = Files.createDirectory(folder.resolve("converted"));
        Path safetensors = model.resolve("checkpoint.safetensors");
        checkpoint.write(safetensors);
        Files.write(model.resolve("encoder.onnx"), OnnxExport.encoder(checkpoint));
        List<String> indexes = new ArrayList<>();

        for (Path path : List.of(model, safetensors, pth)) {
            // When
            Path index = folder.resolve("index.json");
            int status = generate(path, GOLDEN.resolve("input.npy"), index);

            // Then
            assertThat(status).as(err.toString()).isNotEqualTo(2);
            indexes.add(Files.readString(index));
        }
        assertThat(indexes).containsOnly(indexes.get(0));
        assertThat(out.toString().lines().filter(line -> line.startsWith("Distinct Codes:            23 -> ")))
                .hasSize(3);
    }

    @Test
    void whatIsNoModelIsSaidInOneLine() throws IOException {
        // Given
        Path data = npy(List.of(new float[] {-10, 0, 1}));
        Path pth = GOLDEN.resolve("model_sk0.pth");

        // When / Then
        assertThat(generate(data, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(generate(folder, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(generate(pth, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(3)
                .satisfies(line -> assertThat(line).contains("rows.npy is no checkpoint: expected"), atIndex(0))
                .satisfies(line -> assertThat(line).contains("there is no encoder.onnx in " + folder), atIndex(1))
                .satisfies(
                        line -> assertThat(line).contains(data + " has rows of 3 elements, the model takes 16"),
                        atIndex(2));
    }

    @Test
    void whatAFullPrefixCannotTakeGoesToTheNextOne() throws IOException {
        // Given
        float[] same = {-10, 0, 1};
        Path index = folder.resolve("index.json");

        // When
        int status = run(npy(List.of(same, same, same, same)), index);

        // Then
        assertThat(status).isZero();
        List<String> codes = new ArrayList<>();
        new ObjectMapper().readTree(index.toFile()).forEach(code -> codes.add(code.toString()));
        assertThat(codes)
                .doesNotHaveDuplicates()
                .filteredOn(code -> code.startsWith("[\"<a_0>"))
                .hasSize(3);
    }

    @Test
    void moreItemsThanCodesAreSaidInOneLine() throws IOException {
        // Given
        float[] same = {-10, 0, 1};

        // When
        int status = run(npy(Collections.nCopies(7, same)), folder.resolve("index.json"));

        // Then
        assertThat(status).isEqualTo(1);
        assertThat(err.toString())
                .hasLineCount(1)
                .contains("1 items found no free code within reach, '6' first: they share one");
        assertThat(out.toString()).contains("Items Sharing a Code:      1.000000 -> 0.285714");
    }

    @Test
    void badInputIsSaidInOneLine() throws IOException {
        // Given
        Path data = npy(List.of(new float[] {Float.NaN, 0, 1}));
        Path text = Files.writeString(folder.resolve("text.npy"), "no array");
        Path empty = npy("empty.npy", 3, List.of());

        // Then
        assertThat(run(data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(run(text, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(run(folder.resolve("none.npy"), folder.resolve("index.json")))
                .isEqualTo(2);
        assertThat(run(empty, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(run(folder, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(5)
                .satisfies(line -> assertThat(line).contains("row 0 of " + data + " holds NaN"), atIndex(0))
                .satisfies(line -> assertThat(line).contains("text.npy"), atIndex(1))
                .satisfies(
                        line -> assertThat(line).isEqualTo("generate: there is no file " + folder.resolve("none.npy")),
                        atIndex(2))
                .satisfies(line -> assertThat(line).isEqualTo("generate: " + empty + " has no rows"), atIndex(3))
                .satisfies(
                        line -> assertThat(line)
                                .isEqualTo("generate: " + folder + " is a folder, expected a .npy file"),
                        atIndex(4));
        assertThat(folder.resolve("index.json")).doesNotExist();
    }

    @Test
    void rowThatIsTooLargeForTheModelIsNamed() throws IOException {
        // Given
        float[] large = new float[16];
        Arrays.fill(large, 3e38f);
        Path data = npy(List.of(new float[16], large));

        // When
        int status = generate(GOLDEN.resolve("model_sk0.pth"), data, folder.resolve("index.json"));

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().strip())
                .isEqualTo("generate: row 1 of " + data + " is too large for the model: its latent is not finite");
    }

    @Test
    void addedQuantisationErrorIsPrinted() throws IOException {
        // Given: errors of 1, 1 and 4; the second row has to take the entry at 1, where its error is 2²
        Path data = npy(List.of(new float[] {-10, -1, 1}, new float[] {-10, -1, 1}, new float[] {10, 4, 1}));

        // When
        int status = run(data, folder.resolve("index.json"));

        // Then
        assertThat(status).isZero();
        assertThat(out.toString().lines()).last().isEqualTo("Added Quantisation Error:  50.00 %");
    }

    @Test
    void referencesFlagsAreTakenAsAScriptPassesThem() throws IOException {
        // Given
        Path checkpoint = checkpointTrainedOn(GOLDEN.resolve("input.npy").toAbsolutePath());
        Path outputs = folder.resolve("new/Arts");

        // When
        int status = execute(("--dataset Arts --ckpt_path " + checkpoint + " --output_dir " + outputs
                        + " --output_file Arts.index.json --device cpu --batch_size 64")
                .split(" ", -1));

        // Then
        assertThat(status).as(err.toString()).isNotEqualTo(2);
        assertThat(files(outputs)).containsExactly("Arts.index.json");
        // Whoever may read other new files may read the index.
        assertThat(Files.getPosixFilePermissions(outputs.resolve("Arts.index.json")))
                .isEqualTo(Files.getPosixFilePermissions(Files.createFile(folder.resolve("any"))));
        JsonNode index =
                new ObjectMapper().readTree(outputs.resolve("Arts.index.json").toFile());
        assertThat(index).hasSize(40);
        assertThat(out.toString())
                .startsWith(
                        "Index:                     " + outputs.resolve("Arts.index.json") + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource({
        "'', index.json",
        "--dataset Arts, Arts.index.json",
        "--dataset Arts --output_file other.json, other.json",
        "--output-file deep/er.json, deep/er.json",
        "--output_file ABSOLUTE/own.json, ../own/own.json"
    })
    void indexIsNamedByDatasetOrFile(String options, String file) throws IOException {
        // Given
        Path outputs = folder.resolve("outputs");
        List<String> args = new ArrayList<>(
                List.of("--ckpt_path", GOLDEN.resolve("model_sk0.pth").toString(), "--output_dir", outputs.toString()));
        args.addAll(List.of("--data_path", GOLDEN.resolve("input.npy").toString(), "--device", "cpu"));
        if (!options.isEmpty()) {
            args.addAll(
                    List.of(options.replace("ABSOLUTE", folder.resolve("own").toString())
                            .split(" ", -1)));
        }

        // When
        int status = execute(args.toArray(String[]::new));

        // Then
        assertThat(status).as(err.toString()).isNotEqualTo(2);
        assertThat(outputs.resolve(file).normalize()).isRegularFile();
    }

    @Test
    void severalFilesAreTakenAsOne() throws IOException {
        // Given
        Path first = npy(List.of(new float[] {-10, 0, 1}, new float[] {10, 0, 1}));
        Path second = Files.move(first, folder.resolve("second.npy"));
        first = npy(List.of(new float[] {-10, 2, 1}));
        MODEL.write(folder.resolve("model"));

        // When
        int status = execute(
                "--ckpt_path",
                folder.resolve("model").toString(),
                "--data_paths",
                first.toString(),
                second.toString(),
                "--output_dir",
                folder.toString());

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Files.readString(folder.resolve("index.json")))
                .isEqualTo("{\"0\":[\"<a_0>\",\"<b_2>\"],\"1\":[\"<a_0>\",\"<b_0>\"],\"2\":[\"<a_1>\",\"<b_0>\"]}");
    }

    @Test
    void wrongArgumentIsSaidInOneLineBeforeAnythingIsWritten() throws IOException {
        // Given
        Path gone = folder.resolve("gone.npy");
        Path checkpoint = checkpointTrainedOn(gone);
        Path data = npy(List.of(new float[16]));
        Path file = Files.createFile(folder.resolve("file"));

        // When / Then
        refused("Missing required option: '--ckpt_path=PATH'", "--data_path", data.toString());
        refused(
                "there is no file " + gone + ", which " + checkpoint
                        + " was trained on: name the file with --data_path",
                "--ckpt_path",
                checkpoint.toString());
        String[] toProc = {"--output_dir", "/proc/x", "--ckpt_path", checkpoint + "", "--data_path", data + ""};
        refused("cannot create folder /proc/x", toProc);
        refused(
                "--output_file is empty, expected the name of a file",
                "--output_file",
                "",
                "--ckpt_path",
                checkpoint + "");
        refused(": it is a folder", "--output_file", "/", "--ckpt_path", checkpoint + "", "--data_path", data + "");
        refused("device is 'gpu', expected auto, cpu or cuda:N", "--device", "gpu", "--ckpt_path", checkpoint + "");
        refused("--batch_size is 0", "--batch_size", "0", "--ckpt_path", checkpoint + "", "--data_path", data + "");
        refused("'x' is not an int", "--batch_size", "x", "--ckpt_path", checkpoint + "");
        refused("there is no option --epochs 3", "--epochs", "3", "--ckpt_path", checkpoint + "");
        refused(
                file + " is no folder",
                "--output_file",
                file + "/index.json",
                "--ckpt_path",
                checkpoint + "",
                "--data_path",
                data + "");
        refused(
                folder + ": it is a folder",
                "--output_file",
                folder + "",
                "--ckpt_path",
                checkpoint + "",
                "--data_path",
                data + "");
        assertThat(files(folder)).containsExactlyInAnyOrder("file", "rows.npy", "trained.safetensors");
    }

    private void refused(String reason, String... args) {
        err.getBuffer().setLength(0);
        assertThat(execute(args)).as(reason).isEqualTo(2);
        assertThat(err.toString()).startsWith("generate: ").contains(reason).hasLineCount(1);
        assertThat(out.toString()).isEmpty();
    }

    private Path checkpointTrainedOn(Path data) throws IOException {
        Path checkpoint = folder.resolve("trained.safetensors");
        Checkpoint.read(GOLDEN.resolve("model_sk0.pth"))
                .withMetadata(TrainingData.metadata(List.of(data.toString())))
                .write(checkpoint);
        return checkpoint;
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
