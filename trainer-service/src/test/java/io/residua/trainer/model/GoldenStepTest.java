package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.device.Device;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.cli.TrainArguments;
import io.residua.trainer.model.RqVae.BatchResult;
import io.residua.trainer.model.RqVae.Phase;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingOptions.Optimisation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The training step under {@code --parity} against numbers computed by running the Python reference. */
class GoldenStepTest {
    /** True gradient 0: in front of a batch normalisation a bias cancels, and Adam's first step follows rounding noise. */
    private static final Set<String> CANCELLED = Set.of(
            "encoder.mlp_layers.1.bias",
            "encoder.mlp_layers.5.bias",
            "decoder.mlp_layers.1.bias",
            "decoder.mlp_layers.5.bias");

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    @ParameterizedTest
    @ValueSource(strings = {"plain", "plain_scale10", "sk003", "sk05all", "bn", "l1"})
    void forwardAndGradientsAreTheReferences(String name) {
        // Given
        Fixture fixture = new Fixture(name);

        // When
        BatchResult result = fixture.model.learn(fixture.x, Phase.FULL);

        // Then
        JsonNode golden = fixture.golden;
        close("decoder", fixture.decoded(result), golden.get("decoder_out"), within(fixture.scale10 ? 1e-4f : 1e-5f));
        near("reconstruction", result.reconstruction(), golden.get("recon_loss"), fixture);
        near("quantisation", result.quantisation(), golden.get("rq_loss"), fixture);
        near("total", result.total(), golden.get("total_loss"), fixture);
        for (int level = 0; level < 3; level++) {
            JsonNode layer = golden.get("layers").get(level);
            near("level " + level, result.quantised().losses().get(level), layer.get("loss"), fixture);
            assertThat(result.quantised().codes().get(level).toLongArray())
                    .isEqualTo(Golden.column(golden.get("indices"), level));
            close(
                    "residual " + level,
                    result.quantised().residuals().get(level),
                    layer.get("residual_in"),
                    within(fixture.scale10 ? 1e-4f : 1e-5f));
        }
        for (Map.Entry<String, JsonNode> gradient : golden.get("grads").properties()) {
            NDArray actual = fixture.weights.gradient(gradient.getKey());
            close(gradient.getKey(), actual, gradient.getValue(), within(fixture.scale10 ? 5e-6f : 1e-6f));
        }
        double norm = Math.sqrt(fixture.weights.parameters().stream()
                .mapToDouble(parameter ->
                        fixture.weights.gradient(parameter).square().sum().getFloat())
                .sum());
        double goldenNorm = golden.get("grad_total_norm_before_clip").asDouble();
        assertThat(norm).isCloseTo(goldenNorm, within(1e-5 * goldenNorm));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "plain_scale10", "sk003", "sk05all", "bn", "l1"})
    void oneAndFourStepsAreTheReferences(String name) {
        // Given
        Fixture fixture = new Fixture(name);
        List<Double> losses = new ArrayList<>();

        // When
        fixture.step.run(
                fixture.x,
                Phase.FULL,
                1e-3,
                result -> losses.add((double) result.total().getFloat()));
        Map<String, float[]> afterOne = fixture.parameters();
        for (int i = 0; i < 3; i++) {
            fixture.step.run(
                    fixture.x,
                    Phase.FULL,
                    1e-3,
                    result -> losses.add((double) result.total().getFloat()));
        }

        // Then
        fixture.compare(afterOne, "state_dict_after_1_step", within(1e-6f));
        fixture.compare(fixture.parameters(), "state_dict_after_4_steps", within(5e-6f));
        for (int i = 0; i < 3; i++) {
            double expected =
                    fixture.golden.get("next_steps").get(i).get("total_loss").asDouble();
            assertThat(losses.get(i + 1)).isCloseTo(expected, within(Math.max(2e-6, 2e-6 * expected)));
        }
        if (fixture.golden.get("bn").asBoolean()) {
            // In evaluation mode the noise does not cancel: take the reference's.
            Golden.load(fixture.weights, fixture.golden.get("state_dict_after_4_steps"));
        }
        try (NDScope scope = new NDScope()) {
            List<NDArray> nearest = fixture.model.nearest(fixture.model.encode(fixture.x));
            for (int level = 0; level < 3; level++) {
                assertThat(nearest.get(level).toLongArray())
                        .isEqualTo(Golden.column(fixture.golden.get("eval_indices_after_steps"), level));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "sk003", "bn"})
    void stepsLeaveNoArrayBehind(String name) {
        // Given
        Fixture fixture = new Fixture(name);
        fixture.step.run(fixture.x, Phase.FULL, 1e-3, result -> {});
        int before = manager.getManagedArrays().size();

        // When
        for (int i = 0; i < 5; i++) {
            fixture.step.run(fixture.x, Phase.FULL, 1e-3, result -> {});
        }

        // Then
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private static void near(String what, NDArray actual, JsonNode golden, Fixture fixture) {
        double expected = golden.asDouble();
        double tolerance = fixture.scale10 ? 1e-6 * Math.abs(expected) : 2e-6;
        assertThat((double) actual.getFloat()).as(what).isCloseTo(expected, within(tolerance));
    }

    private static void close(String what, NDArray actual, JsonNode golden, Offset<Float> tolerance) {
        assertThat(actual.toFloatArray()).as(what).containsExactly(Golden.floats(golden), tolerance);
    }

    private final class Fixture {
        private final JsonNode golden;
        private final boolean scale10;
        private final Weights weights;
        private final RqVae model;
        private final TrainingStep step;
        private final NDArray x;

        Fixture(String name) {
            golden = Golden.json("step_" + name + ".json");
            scale10 = golden.get("input_scale").asDouble() == 10;
            TrainingOptions options = options();
            NetworkConfig config = options.network().of(16);
            Optimisation optimisation = options.optimisation();
            weights = new Weights(config, manager);
            Golden.load(weights, golden.get("state_dict_before"));
            model = new RqVae(config, options.network().dropout(), weights, options.loss());
            step = new TrainingStep(
                    model, new Optimiser(optimisation.learner(), weights, optimisation.weightDecay(), manager));
            x = manager.create(Golden.input(), new Shape(40, 16)).muli(scale10 ? 10 : 1);
        }

        /** The decoder's output in training mode, by a pass of its own. */
        NDArray decoded(BatchResult result) {
            Mlp decoder = new Mlp(model.config().decoder(), weights, 0, true);
            List<NDArray> codes = result.quantised().codes();
            NDArray latent = manager.zeros(new Shape(40, 4));
            for (int level = 0; level < codes.size(); level++) {
                latent.addi(Quantiser.rows(weights.get(NetworkConfig.codebook(level)), codes.get(level)));
            }
            return decoder.forward(latent).output();
        }

        /** The reference's flags, and {@code --parity}. */
        private TrainingOptions options() {
            List<String> flags = new ArrayList<>(List.of("--parity", "--weight_decay", "1e-4", "--sk_epsilons"));
            golden.get("sk_epsilons").forEach(epsilon -> flags.add(epsilon.asText()));
            flags.addAll(List.of("--bn", golden.get("bn").asText()));
            flags.addAll(List.of("--loss_type", golden.get("loss_type").asText()));
            flags.addAll(List.of("--layers", "12", "8", "--e_dim", "4", "--num_emb_list", "5", "5", "5"));
            return TrainArguments.parse(flags.toArray(String[]::new)).options();
        }

        Map<String, float[]> parameters() {
            Map<String, float[]> values = new java.util.LinkedHashMap<>();
            weights.names().stream()
                    .filter(name -> !name.endsWith("num_batches_tracked"))
                    .forEach(name -> values.put(name, weights.get(name).toFloatArray()));
            return values;
        }

        void compare(Map<String, float[]> actual, String key, Offset<Float> tolerance) {
            actual.forEach((name, values) -> {
                if (!followsNoise(name, key)) {
                    float[] expected = Golden.floats(golden.get(key).get(name));
                    maskNoise(name, values, expected);
                    assertThat(values).as(name).containsExactly(expected, tolerance);
                }
            });
        }

        /** The running means take in the noise of the biases before them from the second step on. */
        private boolean followsNoise(String name, String key) {
            boolean later = key.equals("state_dict_after_4_steps");
            return golden.get("bn").asBoolean()
                    && (CANCELLED.contains(name) || (later && name.endsWith("running_mean")));
        }

        /** Adam's first step is lr · sign(gradient): where the gradient is noise, so is the step. */
        private void maskNoise(String name, float[] actual, float[] expected) {
            JsonNode gradient = golden.get("grads").get(name);
            for (int i = 0; gradient != null && i < actual.length; i++) {
                double g = Math.abs(gradient.get("data").get(i).asDouble());
                if (g > 0 && g < 1e-6) {
                    actual[i] = expected[i];
                }
            }
        }
    }
}
