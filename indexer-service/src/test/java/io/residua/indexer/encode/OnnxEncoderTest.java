package io.residua.indexer.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.artifact.ModelManifest;
import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.device.Device;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEncoderTest {
    private static final int DIM = 6;
    private static final int E_DIM = 4;
    private static final TinyModel MODEL = randomModel(new Random(5));

    @TempDir
    private Path folder;

    @Test
    void agreesWithThePlainQuantiserForEveryBatchSize() throws IOException {
        // Given
        Random random = new Random(6);
        Codebooks codebooks = MODEL.quantiser();
        try (OnnxEncoder encoder = open(new Device.Auto(), MODEL.shape())) {
            for (int rows = 1; rows <= encoder.maxRows(); rows++) {
                float[][] vectors = new float[rows][DIM];
                FloatBuffer input = encoder.input();
                for (float[] vector : vectors) {
                    fill(vector, random);
                    input.put(vector);
                }

                // When
                encoder.run(rows);

                // Then
                LongBuffer codes = encoder.codes();
                FloatBuffer latents = encoder.latents();
                for (int row = 0; row < rows; row++) {
                    float[] z = new float[E_DIM];
                    latents.get(row * E_DIM, z);
                    assertThat(z).containsExactly(java.util.Arrays.copyOf(vectors[row], E_DIM));
                    int[] expected = codebooks.nearest(z);
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
        try (OnnxEncoder encoder = open(new Device.Auto(), MODEL.shape())) {
            // Then
            assertThat(encoder.device()).isEqualTo(new Device.Cpu());
        }
    }

    @Test
    void anExplicitCudaDeviceThatCannotBeHadIsAnError() {
        // Then
        assertThatThrownBy(() -> open(new Device.Cuda(0), MODEL.shape()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cuda:0");
    }

    @Test
    void aModelOfAnotherShapeIsRefused() {
        // Given
        ModelShape other =
                new ModelShape(DIM + 1, List.of(), E_DIM, MODEL.shape().codebookSizes());

        // Then
        assertThatThrownBy(() -> open(new Device.Cpu(), other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'embedding' is [-1, 6], expected [-1, 7]");
    }

    @Test
    void aFileThatIsNoModelIsRefused() throws IOException {
        // Given
        Path file = Files.writeString(folder.resolve("encoder.onnx"), "not a model");

        // Then
        assertThatThrownBy(() -> OnnxEncoder.open(file, MODEL.shape(), new Device.Cpu(), 1, 4))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot load encoder.onnx");
    }

    @Test
    void moreRowsThanAllocatedAreRefused() throws IOException {
        // Given
        try (OnnxEncoder encoder = open(new Device.Cpu(), MODEL.shape())) {
            // Then
            assertThatThrownBy(() -> encoder.run(encoder.maxRows() + 1)).hasMessageContaining("rows is 10");
        }
    }

    private OnnxEncoder open(Device device, ModelShape shape) throws IOException {
        return OnnxEncoder.open(MODEL.write(folder).get(ModelManifest.ENCODER), shape, device, 1, 9);
    }

    static TinyModel randomModel(Random random) {
        float[][] codebooks = {new float[5 * E_DIM], new float[7 * E_DIM], new float[3 * E_DIM]};
        for (float[] codebook : codebooks) {
            fill(codebook, random);
        }
        return new TinyModel(DIM, E_DIM, codebooks);
    }

    private static void fill(float[] target, Random random) {
        for (int i = 0; i < target.length; i++) {
            target[i] = (float) random.nextGaussian();
        }
    }
}
