package io.residua.indexer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.atIndex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.network.Checkpoint;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.onnx.OnnxExport;
import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GenerateCommandTest {
    private static final TinyModel MODEL = new TinyModel(3, 2, new float[][] {{-10, 0, 10, 0}, {0, 0, 0, 1, 0, 2}});

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

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
        assertThat(out.toString()).startsWith("4 items, 3 distinct nearest codes (25.00 % collide), 4 distinct codes");
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
        Path golden = Path.of("src/test/resources/golden");
        Path pth = golden.resolve("model_sk0.pth");
        Checkpoint checkpoint = Checkpoint.read(pth);
        Path model = Files.createDirectory(folder.resolve("converted"));
        Path safetensors = model.resolve("checkpoint.safetensors");
        checkpoint.write(safetensors);
        Files.write(model.resolve("encoder.onnx"), OnnxExport.encoder(checkpoint));
        List<String> indexes = new ArrayList<>();

        for (Path path : List.of(model, safetensors, pth)) {
            // When
            Path index = folder.resolve("index.json");
            int status = generate(path, golden.resolve("input.npy"), index);

            // Then
            assertThat(status).as(err.toString()).isNotEqualTo(2);
            indexes.add(Files.readString(index));
        }
        assertThat(indexes).containsOnly(indexes.get(0));
        assertThat(out.toString().lines()).allMatch(line -> line.startsWith("40 items, 23 distinct nearest codes"));
    }

    @Test
    void whatIsNoModelIsSaidInOneLine() throws IOException {
        // Given
        Path data = npy(List.of(new float[] {-10, 0, 1}));
        Path pth = Path.of("src/test/resources/golden/model_sk0.pth");

        // When / Then
        assertThat(generate(data, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(generate(folder, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(generate(pth, data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(err.toString().lines())
                .hasSize(3)
                .satisfies(line -> assertThat(line).contains("rows.npy is no checkpoint: expected"), atIndex(0))
                .satisfies(line -> assertThat(line).contains("there is no encoder.onnx in " + folder), atIndex(1))
                .satisfies(line -> assertThat(line).contains("'embedding' is [-1, 16], expected [-1, 3]"), atIndex(2));
    }

    @Test
    void aPrefixThatHasNoRoomIsSaidInOneLine() throws IOException {
        // Given
        float[] same = {-10, 0, 1};
        Path data = npy(List.of(same, same, same, same));

        // When
        int status = run(data, folder.resolve("index.json"));

        // Then
        assertThat(status).isEqualTo(1);
        assertThat(err.toString())
                .hasLineCount(1)
                .contains("1 items found every entry of their prefix taken", "row 1 first");
    }

    @Test
    void badInputIsSaidInOneLine() throws IOException {
        // Given
        Path data = npy(List.of(new float[] {Float.NaN, 0, 1}));
        Path text = Files.writeString(folder.resolve("text.npy"), "no array");

        // Then
        assertThat(run(data, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(run(text, folder.resolve("index.json"))).isEqualTo(2);
        assertThat(run(data, folder.resolve("none/index.json"))).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(3).contains("row 0 of", "holds NaN");
        assertThat(folder.resolve("index.json")).doesNotExist();
    }

    private int run(Path data, Path output) throws IOException {
        MODEL.write(folder.resolve("model"));
        return execute(data, output);
    }

    private int execute(Path data, Path output, String... more) {
        return generate(folder.resolve("model"), data, output, more);
    }

    private int generate(Path model, Path data, Path output, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--ckpt_path",
                model.toString(),
                "--data_path",
                data.toString(),
                "--output_file",
                output.toString(),
                "--device",
                "cpu"));
        args.addAll(List.of(more));
        return new CommandLine(new GenerateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args.toArray(String[]::new));
    }

    private Path npy(List<float[]> rows) throws IOException {
        Path file = folder.resolve("rows.npy");
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, rows.get(0).length)) {
            for (float[] row : rows) {
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
        return file;
    }
}
