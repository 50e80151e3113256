package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.device.Device;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Schedules and Sinkhorn against the Python reference's numbers. */
class GoldenFunctionsTest {
    @Test
    void learningRatesAreTheReferences() {
        for (JsonNode schedule : Golden.json("schedules.json").get("schedules")) {
            // Given
            LearningRate rate = new LearningRate(
                    LearningRate.Kind.valueOf(schedule.get("kind").asText().toUpperCase(Locale.ROOT)),
                    schedule.get("base_lr").asDouble(),
                    schedule.get("warmup_steps").asLong(),
                    schedule.get("total_steps").asLong());
            double[] expected = Golden.doubles(schedule.get("lr_used_at_step"));

            for (int step = 0; step < expected.length; step++) {
                // When
                double actual = rate.at(step);

                // Then
                assertThat(actual).isCloseTo(expected[step], within(1e-12 * expected[step]));
            }
        }
    }

    @Test
    void sinkhornsPlansAreTheReferencesAndFiniteWhereItsOverflow() {
        try (NDManager manager = Torch.open(new Device.Cpu()).newSubManager()) {
            for (JsonNode golden : Golden.json("sinkhorn.json").get("cases")) {
                // Given
                Shape shape =
                        new Shape(golden.get("B").asLong(), golden.get("K").asLong());
                float[] centred = Golden.floats(golden.get("d_centered"));
                double[] doubles = new double[centred.length];
                for (int i = 0; i < centred.length; i++) {
                    doubles[i] = centred[i];
                }

                // When
                NDArray log = Sinkhorn.logPlan(
                        manager.create(doubles, shape),
                        golden.get("epsilon").asDouble(),
                        golden.get("iters").asInt());

                // Then
                double[] plan = log.exp().toDoubleArray();
                assertThat(plan).as(golden.get("name").asText()).doesNotContain(Double.NaN);
                if (!golden.get("has_nan_or_inf").asBoolean()) {
                    compare(golden, plan, log.argMax(1).toLongArray());
                }
            }
        }
    }

    @Test
    void distancesAreCentredAsInTheReference() {
        try (NDManager manager = Torch.open(new Device.Cpu()).newSubManager()) {
            for (JsonNode golden : Golden.json("sinkhorn.json").get("cases")) {
                // Given
                NDArray raw = Golden.array(manager, golden.get("d_raw"));

                // When
                float[] centred = Sinkhorn.centre(raw).toFloatArray();

                // Then
                assertThat(centred).containsExactly(Golden.floats(golden.get("d_centered")), within(1e-6f));
            }
        }
    }

    private static void compare(JsonNode golden, double[] plan, long[] argMax) {
        double[] expected = Golden.doubles(golden.get("Q"));
        for (int i = 0; i < plan.length; i++) {
            assertThat(plan[i])
                    .as(golden.get("name").asText())
                    .isCloseTo(expected[i], within(Math.max(1e-12, 1e-9 * expected[i])));
        }
        double[] margins = Golden.doubles(golden.get("argmax_margin"));
        double[] chosen = Golden.doubles(golden.get("argmax"));
        for (int row = 0; row < margins.length; row++) {
            if (margins[row] > 1e-9) {
                assertThat(argMax[row]).isEqualTo((long) chosen[row]);
            }
        }
    }
}
