package io.residua.common.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.Checkpoint;
import io.residua.common.npy.NpyFile;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.quantise.Codebooks;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEncoderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final int DIM = 16;
    private static final int E_DIM = 4;
    private static final int MAX_ROWS = 9;

    @TempDir
    private Path folder;

    private Checkpoint checkpoint;
    private Path file;

    @BeforeEach
    void export() throws IOException {
        checkpoint = Checkpoint.read(GOLDEN.resolve("model_sk0.pth"));
        file = Files.write(folder.resolve("encoder.onnx"), OnnxExport.encoder(checkpoint));
    }

    @Test
    void agreesWithTheReferenceAndThePlainQuantiserForEveryBatchSize() throws IOException {
        // Given
        Codebooks codebooks = Codebooks.of(checkpoint);
        float[] rows = read("input.npy", DIM);
        float[] latents = read("encoder_out.npy", E_DIM);
        try (OnnxEncoder encoder = open(new Device.Auto())) {
            for (int count = 1; count <= MAX_ROWS; count++) {
                encoder.input().put(rows, 0, count * DIM);

                // When
                encoder.run(count);

                // Then
                LongBuffer codes = encoder.codes();
                FloatBuffer z = encoder.latents();
                for (int row = 0; row < count; row++) {
                    float[] latent = new float[E_DIM];
                    z.get(row * E_DIM, latent);
                    assertThat(latent)
                            .containsExactly(
                                    Arrays.copyOfRange(latents, row * E_DIM, (row + 1) * E_DIM), within(1e-5f));
                    int[] expected = codebooks.nearest(latent);
                    for (int level = 0; level < expected.length; level++) {
                        assertThat(codes.get(row * expected.length + level)).isEqualTo(expected[level]);
                    }
                }
            }
        }
    }

    @Test
    void autoRunsOnTheCpuWhereThereIsNoCuda() throws IOException {
        // When
        try (OnnxEncoder encoder = open(new Device.Auto())) {
            // Then
            assertThat(encoder.device()).isEqualTo(new Device.Cpu());
        }
    }

    @Test
    void anExplicitCudaDeviceThatCannotBeHadIsAnError() {
        // Then
        assertThatThrownBy(() -> open(new Device.Cuda(0)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("device cuda:0 cannot be had");
        assertThatThrownBy(() -> OnnxSessions.requireDevice(new Device.Cuda(0)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cuda:0");
    }

    @Test
    void aModelOfAnotherShapeIsRefused() {
        // Given
        ModelShape other = new ModelShape(DIM + 1, List.of(), E_DIM, shape().codebookSizes());

        // Then
        assertThatThrownBy(() -> OnnxEncoder.open(file, other, new Device.Cpu(), 1, MAX_ROWS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'embedding' is [-1, 16], expected [-1, 17]");
    }

    @Test
    void aFileThatIsNoModelIsRefused() throws IOException {
        // Given
        Files.writeString(file, "not a model");

        // Then
        assertThatThrownBy(() -> open(new Device.Cpu()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot load encoder.onnx");
    }

    @Test
    void moreRowsThanAllocatedAreRefused() throws IOException {
        // Given
        try (OnnxEncoder encoder = open(new Device.Cpu())) {
            // Then
            assertThatThrownBy(() -> encoder.run(MAX_ROWS + 1)).hasMessageContaining("rows is 10");
        }
    }

    @Test
    void batchThatNoBufferCanHoldIsRefused() {
        // Then
        assertThatThrownBy(() -> OnnxEncoder.open(file, shape(), new Device.Cpu(), 1, 100_000_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a batch of 100000000 rows of 16 elements has 6400000000 bytes");
    }

    private OnnxEncoder open(Device device) throws IOException {
        return OnnxEncoder.open(file, shape(), device, 1, MAX_ROWS);
    }

    private ModelShape shape() {
        return checkpoint.network().shape();
    }

    private static float[] read(String name, int dim) throws IOException {
        try (NpyFile npy = NpyFile.open(GOLDEN.resolve(name))) {
            float[] rows = new float[MAX_ROWS * dim];
            npy.readRows(0, MAX_ROWS, rows, 0);
            return rows;
        }
    }
}
