package io.residua.common.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.device.Device;
import io.residua.common.network.Checkpoint;
import io.residua.common.npy.NpyFile;
import io.residua.common.npy.NpyFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.safetensors.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints are what Python trained, expectations what it computed from them. */
class OfflineModelTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path PYTORCH = Path.of("src/test/resources/pytorch");

    @TempDir
    private Path folder;

    @Test
    void referencesCheckpointGivesTheReferencesCodes() throws IOException {
        // Given
        float[] rows = new float[40 * 16];
        try (NpyFile input = NpyFile.open(GOLDEN.resolve("input.npy"))) {
            input.readRows(0, 40, rows, 0);
        }

        // When
        Encoded encoded = encode(GOLDEN.resolve("model_sk0.pth"), 16, rows);

        // Then
        byte[] npy = Files.readAllBytes(GOLDEN.resolve("indices_nosk.npy"));
        long[] expected = new long[40 * 3];
        ByteBuffer.wrap(npy, npy.length - expected.length * Long.BYTES, expected.length * Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(expected);
        assertThat(encoded.codes).containsExactly(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bn.pth", "bn.safetensors"})
    void checkpointWithBatchNormalisationDoesWhatPyTorchDoes(String file) throws IOException {
        // Given
        Safetensors expected = Safetensors.read(PYTORCH.resolve("bn.expected.safetensors"));

        // When
        Encoded encoded = encode(PYTORCH.resolve(file), 6, expected.tensor("x").floats());

        // Then
        assertThat(encoded.codes).containsExactly(expected.tensor("codes").longs());
        assertThat(encoded.latents).containsExactly(expected.tensor("latents").floats(), within(1e-5f));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bn.pth", "bn.safetensors"})
    void decoderMakesOfEntriesWhatPyTorchMakesOfThem(String file) throws IOException {
        // Given
        Safetensors expected = Safetensors.read(PYTORCH.resolve("bn.expected.safetensors"));
        OfflineModel model = OfflineModel.open(PYTORCH.resolve(file));
        long[] codes = expected.tensor("codes").longs();
        float[] sum = new float[3];
        try (OnnxDecoder decoder = model.decoder(6, new Device.Cpu(), 50)) {
            FloatBuffer input = decoder.input();
            for (int row = 0; row < 50; row++) {
                model.codebooks().sum(new int[] {(int) codes[2 * row], (int) codes[2 * row + 1]}, 0, sum);
                input.put(sum);
            }

            // When
            decoder.run(50);

            // Then
            float[] decoded = new float[50 * 6];
            decoder.embeddings().get(decoded);
            assertThat(decoded).containsExactly(expected.tensor("decoded").floats(), within(1e-5f));
        }
    }

    @Test
    void modelsFolderNeedsItsDecoderOnlyToDecode() throws IOException {
        // Given
        Checkpoint checkpoint = Checkpoint.read(GOLDEN.resolve("model_sk0.pth"));
        checkpoint.write(folder.resolve("checkpoint.safetensors"));
        Files.write(folder.resolve("encoder.onnx"), OnnxExport.encoder(checkpoint));

        // When
        OfflineModel model = OfflineModel.open(folder);

        // Then
        assertThat(model.metadata().get("args")).contains("input.npy");
        assertThat(model.codebookSizes()).containsExactly(5, 5, 5);
        model.encoder(16, new Device.Cpu(), 1).close();
        assertThatThrownBy(() -> model.decoder(16, new Device.Cpu(), 1))
                .isInstanceOf(IOException.class)
                .hasMessage("--ckpt_path: there is no decoder.onnx in " + folder + ", name a checkpoint in it, such as "
                        + folder.resolve("checkpoint.safetensors"));
    }

    @Test
    void folderOfARunIsRefusedWithTheNameOfTheModelInIt() throws IOException {
        // Given
        Path run = Files.createDirectories(folder.resolve("run"));

        // When / Then
        assertThatThrownBy(() -> OfflineModel.open(run)).hasMessage("--ckpt_path: there is no encoder.onnx in " + run);
        Path checkpoint = Files.createFile(run.resolve("best_collision_model.safetensors"));
        Files.createFile(run.resolve("epoch_9_collision_0.1000_model.safetensors"));
        Files.createFile(run.resolve("best_collision_model.json"));
        String advice = ", name a checkpoint in it, such as " + checkpoint;
        assertThatThrownBy(() -> OfflineModel.open(run))
                .hasMessage("--ckpt_path: there is no encoder.onnx in " + run + advice);
        assertThatThrownBy(() -> Checkpoint.read(run))
                .hasMessage(run.resolve("checkpoint.safetensors") + " does not exist" + advice);
        Path model = Files.createDirectory(run.resolve("model"));
        Files.createFile(model.resolve("encoder.onnx"));
        assertThatThrownBy(() -> OfflineModel.open(run))
                .hasMessage("--ckpt_path: there is no encoder.onnx in " + run + ", name " + model);
    }

    @Test
    void dataOfAnotherDimensionAreRefused() throws IOException {
        // Given
        OfflineModel model = OfflineModel.open(GOLDEN.resolve("model_sk0.pth"));
        Path narrow = folder.resolve("narrow.npy");
        try (NpyWriter writer = NpyWriter.create(narrow, NpyType.FLOAT32, 3)) {
            writer.writeRow(new float[3], 0);
            writer.commit();
        }

        // When / Then
        try (NpyFiles rows = new NpyFiles(List.of(narrow))) {
            assertThatThrownBy(() -> model.encoder(rows, new Device.Cpu(), 1))
                    .hasMessage(narrow + " has rows of 3 elements, the model takes 16");
        }
        assertThatThrownBy(() -> model.decoder(3, new Device.Cpu(), 1))
                .hasMessageContaining("'embedding' is [-1, 16], expected [-1, 3]");
    }

    private record Encoded(long[] codes, float[] latents) {}

    private static Encoded encode(Path checkpoint, int dim, float[] rows) throws IOException {
        int count = rows.length / dim;
        OfflineModel model = OfflineModel.open(checkpoint);
        try (OnnxEncoder encoder = model.encoder(dim, new Device.Cpu(), count)) {
            encoder.input().put(rows);
            encoder.run(count);
            Encoded encoded = new Encoded(
                    new long[count * encoder.shape().levels()],
                    new float[count * encoder.shape().eDim()]);
            encoder.codes().get(encoded.codes);
            encoder.latents().get(encoded.latents);
            return encoded;
        }
    }
}
