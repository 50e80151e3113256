package io.residua.indexer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.device.Device;
import io.residua.common.npy.NpyFile;
import io.residua.common.safetensors.Safetensors;
import io.residua.indexer.encode.OnnxEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints are what Python trained, expectations what it computed from them. */
class OfflineModelTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final Path PYTORCH = Path.of("src/test/resources/pytorch");

    @Test
    void referencesCheckpointGivesTheReferencesCodes() throws IOException {
        // Given
        float[] rows = new float[40 * 16];
        try (NpyFile input = NpyFile.open(GOLDEN.resolve("input.npy"))) {
            input.readRows(0, 40, rows, 0);
        }
        ModelShape shape = new ModelShape(16, List.of(), 4, List.of(5, 5, 5));

        // When
        Encoded encoded = encode(GOLDEN.resolve("model_sk0.pth"), shape, rows);

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
        ModelShape shape = new ModelShape(6, List.of(), 3, List.of(4, 3));

        // When
        Encoded encoded =
                encode(PYTORCH.resolve(file), shape, expected.tensor("x").floats());

        // Then
        assertThat(encoded.codes).containsExactly(expected.tensor("codes").longs());
        assertThat(encoded.latents).containsExactly(expected.tensor("latents").floats(), within(1e-5f));
    }

    @Test
    void temporaryFileIsRemoved() throws IOException {
        // Given
        OfflineModel model = OfflineModel.open(GOLDEN.resolve("model_sk0.pth"));
        assertThat(model.encoder()).exists();

        // When
        model.close();

        // Then
        assertThat(model.encoder()).doesNotExist();
        assertThat(GOLDEN.resolve("model_sk0.pth")).exists();
    }

    private record Encoded(long[] codes, float[] latents) {}

    private static Encoded encode(Path checkpoint, ModelShape shape, float[] rows) throws IOException {
        int count = rows.length / shape.dim();
        try (OfflineModel model = OfflineModel.open(checkpoint);
                OnnxEncoder encoder = OnnxEncoder.open(model.encoder(), shape, new Device.Cpu(), 1, count)) {
            encoder.input().put(rows);
            encoder.run(count);
            Encoded encoded = new Encoded(new long[count * shape.levels()], new float[count * shape.eDim()]);
            encoder.codes().get(encoded.codes);
            encoder.latents().get(encoded.latents);
            return encoded;
        }
    }
}
