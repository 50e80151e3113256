package io.residua.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.network.NetworkConfig;
import io.residua.common.safetensors.Safetensors;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.Torch;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.TestRuns;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingRun;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFilesTest {
    private static final int ROWS = 400;

    @TempDir
    Path folder;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publishedFilesDoWhatWasTrained(boolean batchNorm) throws Exception {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(12, batchNorm, 0);
        TrainingRun.Outcome outcome = new TrainingRun(
                        options, data, TestRuns.keeping(folder.resolve("run")), news -> {}, manager)
                .run(() -> false);

        // When
        ModelFiles files =
                ModelFiles.write(folder.resolve("model"), outcome, data, new Randomness(options.seed()), manager);

        // Then
        NDArray embeddings = data.batch(manager, null, 0, ROWS);
        RqVae trained = outcome.model();
        NDArray inputs = embeddings
                .sub(manager.create(outcome.standardisation().mean()))
                .div(outcome.standardisation().scale());
        RqVae folded = read(files, trained.config());
        OnnxOutputs onnx = encode(files, embeddings.toFloatArray());
        Path encoder = files.files().get(ModelManifest.ENCODER);
        assertThat(OnnxCheck.compare(encoder, embeddings, trained, inputs).nearTies())
                .isLessThan(3);
        assertThat(OnnxCheck.compare(encoder, embeddings, folded, embeddings).nearTies())
                .isLessThan(3);
        assertThat(onnx.latents)
                .containsExactly(trained.encode(inputs).toFloatArray(), within(1e-3f))
                .containsExactly(folded.encode(embeddings).toFloatArray(), within(1e-3f));
        NDArray quantised = trained.nearest(trained.encode(inputs)).get(3);
        float[] errors = trained.encode(inputs)
                .sub(quantised)
                .square()
                .sum(new int[] {1})
                .toFloatArray();
        long[][] codes = codes(trained, inputs);
        for (int row = 0; row < ROWS; row++) {
            if (Arrays.equals(codes[row], onnx.codes[row])) {
                assertThat(onnx.errors[row]).isCloseTo(errors[row], within(1e-3f));
            }
        }
        float[] original = trained.decode(quantised)
                .mul(outcome.standardisation().scale())
                .add(manager.create(outcome.standardisation().mean()))
                .toFloatArray();
        assertThat(decode(files, quantised.toFloatArray())).containsExactly(original, within(1e-4f));
    }

    @Test
    void summaryIsReadBack() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(4, false, 0);
        TrainingRun.Outcome outcome = new TrainingRun(
                        options, data, TestRuns.keeping(folder.resolve("run")), news -> {}, manager)
                .run(() -> false);
        ModelFiles written =
                ModelFiles.write(folder.resolve("model"), outcome, data, new Randomness(options.seed()), manager);

        // When
        ModelFiles read = ModelFiles.read(folder.resolve("model"));

        // Then
        assertThat(read).isEqualTo(written);
        assertThat(read.training().rows()).isEqualTo(ROWS);
        assertThat(read.files())
                .containsOnlyKeys(ModelManifest.CHECKPOINT, ModelManifest.ENCODER, ModelManifest.DECODER);
    }

    @Test
    void modelWhoseCodesDifferIsRefused() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(4, false, 0);
        TrainingRun.Outcome outcome = new TrainingRun(
                        options, data, TestRuns.keeping(folder.resolve("run")), news -> {}, manager)
                .run(() -> false);
        ModelFiles files =
                ModelFiles.write(folder.resolve("model"), outcome, data, new Randomness(options.seed()), manager);
        NDArray embeddings = data.batch(manager, null, 0, ROWS);

        // When / Then
        assertThatThrownBy(() -> OnnxCheck.compare(
                        files.files().get(ModelManifest.ENCODER), embeddings, outcome.model(), embeddings))
                .isInstanceOf(OnnxCheck.ParityException.class)
                .hasMessageContaining("level");
    }

    private RqVae read(ModelFiles files, NetworkConfig config) throws IOException {
        Weights weights = new Weights(config, manager);
        Safetensors.read(files.files().get(ModelManifest.CHECKPOINT))
                .tensors()
                .forEach((name, tensor) -> weights.set(name, tensor.bytes()));
        return new RqVae(config, 0, weights, TestRuns.improved(4, false, 0).loss());
    }

    private static long[][] codes(RqVae model, NDArray inputs) {
        try (NDScope scope = new NDScope()) {
            List<NDArray> nearest = model.nearest(model.encode(inputs));
            long[][] codes = new long[(int) inputs.getShape().get(0)][3];
            for (int level = 0; level < 3; level++) {
                long[] column = nearest.get(level).toLongArray();
                for (int row = 0; row < codes.length; row++) {
                    codes[row][level] = column[row];
                }
            }
            return codes;
        }
    }

    private record OnnxOutputs(long[][] codes, float[] latents, float[] errors) {}

    private static OnnxOutputs encode(ModelFiles files, float[] rows) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(
                        files.files().get(ModelManifest.ENCODER).toString());
                OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(rows), new long[] {ROWS, TestRuns.DIM});
                OrtSession.Result result = session.run(Map.of(OnnxNames.EMBEDDING, input))) {
            return new OnnxOutputs(
                    (long[][]) result.get(OnnxNames.CODES).orElseThrow().getValue(),
                    flat((float[][]) result.get(OnnxNames.LATENT).orElseThrow().getValue()),
                    (float[]) result.get(OnnxNames.ERROR).orElseThrow().getValue());
        }
    }

    private static float[] decode(ModelFiles files, float[] latents) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(
                        files.files().get(ModelManifest.DECODER).toString());
                OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(latents), new long[] {ROWS, 6});
                OrtSession.Result result = session.run(Map.of(OnnxNames.LATENT, input))) {
            return flat(
                    (float[][]) result.get(OnnxNames.EMBEDDING).orElseThrow().getValue());
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
