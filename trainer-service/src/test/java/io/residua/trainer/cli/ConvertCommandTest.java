package io.residua.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.network.Checkpoint;
import io.residua.common.npy.NpyFile;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.safetensors.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints are what Python trained, expectations what it computed from them. */
class ConvertCommandTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path PYTORCH = Path.of("src/test/resources/pytorch");

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void referencesCheckpointBecomesAModelThatGivesTheReferencesCodes() throws Exception {
        // Given
        Path model = folder.resolve("new/model");
        Path data = GOLDEN.resolve("input.npy");

        // When
        int status = convert(GOLDEN.resolve("model_sk0.pth"), model, "--data_path", data.toString());

        // Then
        assertThat(status).as(err.toString(UTF_8)).isZero();
        assertThat(files(model)).containsExactlyInAnyOrder("checkpoint.safetensors", "encoder.onnx", "decoder.onnx");
        long[][] codes =
                (long[][]) run(model.resolve("encoder.onnx"), OnnxNames.EMBEDDING, input(), 16, OnnxNames.CODES);
        assertThat(Stream.of(codes).flatMapToLong(Arrays::stream).toArray()).containsExactly(goldenCodes());
        assertThat(out.toString(UTF_8).lines())
                .containsExactly(
                        "network 16-12-8-4, codebooks 5 5 5, no batch normalisation",
                        "trained to epoch 0, best_loss 0.5, best_collision_rate 0.1, best_codebook_utilization 1.0",
                        "ONNX Runtime gives the codes that PyTorch gives on 40 rows of " + data
                                + ": 23 different codes, 0 rows at near-ties",
                        "model written to " + model + ", an index comes from",
                        "  ./residua generate --ckpt_path " + model + " --data_path " + data);
        assertThat(Safetensors.read(model.resolve("checkpoint.safetensors")).metadata())
                .containsEntry("format", "pt")
                .hasEntrySatisfying("args", args -> assertThat(args).contains("\"beta\":0.25"));
    }

    @Test
    void batchNormalisationIsConvertedToo() throws Exception {
        // Given
        Safetensors expected = Safetensors.read(PYTORCH.resolve("bn.expected.safetensors"));
        Path model = Files.createDirectory(folder.resolve("empty"));

        // When
        int status = convert(PYTORCH.resolve("bn.pth"), model);

        // Then
        assertThat(status).as(err.toString(UTF_8)).isZero();
        assertThat(out.toString(UTF_8))
                .contains(
                        "network 6-5-4-3, codebooks 4 3, batch normalisation",
                        "on 2,048 rows decoded from random codes: ")
                // The checkpoint names its data.
                .endsWith("  ./residua generate --ckpt_path " + model + System.lineSeparator());
        float[] x = expected.tensor("x").floats();
        long[][] codes = (long[][]) run(model.resolve("encoder.onnx"), OnnxNames.EMBEDDING, x, 6, OnnxNames.CODES);
        assertThat(Stream.of(codes).flatMapToLong(Arrays::stream).toArray())
                .containsExactly(expected.tensor("codes").longs());
        float[] quantised = expected.tensor("quantised").floats();
        float[][] decoded =
                (float[][]) run(model.resolve("decoder.onnx"), OnnxNames.LATENT, quantised, 3, OnnxNames.EMBEDDING);
        assertThat(flat(decoded)).containsExactly(expected.tensor("decoded").floats(), within(1e-5f));
        assertThat(Checkpoint.read(model).network().batchNorm()).isTrue();
    }

    @Test
    void whatCannotBeConvertedIsSaidInOneLineAndLeavesNothing() throws IOException {
        // Given
        Path model = folder.resolve("model");
        Path pth = GOLDEN.resolve("model_sk0.pth");
        Path full = Files.createDirectory(folder.resolve("full"));
        Files.createFile(full.resolve("mine"));
        Path narrow = folder.resolve("narrow.npy");
        try (NpyWriter writer = NpyWriter.create(narrow, NpyType.FLOAT32, 3)) {
            writer.writeRow(new float[3], 0);
            writer.commit();
        }

        // When / Then
        refused("is there already and not an empty folder", pth, full);
        refused("holds posix.system, but only tensors", PYTORCH.resolve("hostile.pth"), model);
        refused("none.pth does not exist", folder.resolve("none.pth"), model);
        refused("narrow.npy has rows of 3 elements, the network expects 16", pth, model, "--data-path", narrow + "");
        refused("there is no file " + folder.resolve("none.npy"), pth, model, "--data_path", folder + "/none.npy");
        refused("there is no option --into", pth, model, "--into", "x");
        assertThat(files(folder)).containsExactlyInAnyOrder("full", "narrow.npy");
        assertThat(files(full)).containsExactly("mine");
    }

    private void refused(String reason, Path checkpoint, Path model, String... more) {
        err.reset();
        assertThat(convert(checkpoint, model, more)).isEqualTo(TrainCommand.BAD_INPUT);
        assertThat(err.toString(UTF_8)).startsWith("convert: ").contains(reason).hasLineCount(1);
    }

    private int convert(Path checkpoint, Path model, String... more) {
        String[] args = Stream.concat(
                        Stream.of("--ckpt_path", checkpoint.toString(), "--output-dir", model.toString()),
                        Stream.of(more))
                .toArray(String[]::new);
        return ConvertCommand.run(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), args);
    }

    private static Iterable<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static float[] input() throws IOException {
        float[] rows = new float[40 * 16];
        try (NpyFile input = NpyFile.open(GOLDEN.resolve("input.npy"))) {
            input.readRows(0, 40, rows, 0);
        }
        return rows;
    }

    private static long[] goldenCodes() throws IOException {
        long[] codes = new long[40 * 3];
        byte[] npy = Files.readAllBytes(GOLDEN.resolve("indices_nosk.npy"));
        ByteBuffer.wrap(npy, npy.length - codes.length * Long.BYTES, codes.length * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(codes);
        return codes;
    }

    private static Object run(Path model, String input, float[] rows, int width, String output) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] shape = {rows.length / width, width};
        try (OrtSession session = environment.createSession(model.toString());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(rows), shape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            return result.get(output).orElseThrow().getValue();
        }
    }

    private static float[] flat(float[][] rows) {
        FloatBuffer flat = FloatBuffer.allocate(rows.length * rows[0].length);
        for (float[] row : rows) {
            flat.put(row);
        }
        return flat.array();
    }
}
