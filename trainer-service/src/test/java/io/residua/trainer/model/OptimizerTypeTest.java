package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every optimiser against the same formula in plain float64, with the gradient's norm below and above the limit. */
class OptimizerTypeTest {
    private static final NetworkConfig NETWORK = new NetworkConfig(new ModelShape(3, List.of(4), 2, List.of(5)), false);
    private static final double RATE = 0.01;
    private static final double DECAY = 0.1;

    @ParameterizedTest
    @EnumSource(OptimizerType.class)
    void movesParametersAsItsFormulaSays(OptimizerType learner) {
        try (NDManager manager = Torch.open(new Device.Cpu()).newSubManager()) {
            // Given
            Weights weights = new Weights(NETWORK, manager);
            Optimiser optimiser = new Optimiser(learner, weights, DECAY, manager);
            Map<String, Scalars> expected = new LinkedHashMap<>();
            SplittableRandom random = new SplittableRandom(3);
            for (String name : weights.parameters()) {
                float[] start = random(weights, name, random, 1);
                weights.set(name, bytes(start));
                expected.put(name, new Scalars(learner, start));
            }

            // When
            for (int step = 1; step <= 4; step++) {
                double size = step % 2 == 0 ? 0.01 : 3;
                Map<String, float[]> gradients = new LinkedHashMap<>();
                weights.parameters().forEach(name -> gradients.put(name, random(weights, name, random, size)));
                double norm = Math.sqrt(gradients.values().stream()
                        .mapToDouble(OptimizerTypeTest::sumOfSquares)
                        .sum());
                gradients.forEach((name, gradient) -> weights.gradient(name)
                        .set(
                                new NDIndex("..."),
                                manager.create(gradient, weights.get(name).getShape())));
                optimiser.step(weights.parameters(), RATE);
                for (String name : weights.parameters()) {
                    expected.get(name).step(step, gradients.get(name), Math.max(1, norm + 1e-6));
                }
            }

            // Then
            expected.forEach((name, scalars) -> {
                assertThat(weights.get(name).toFloatArray()).as(name).containsExactly(scalars.values(), within(2e-6f));
            });
        }
    }

    private static float[] random(Weights weights, String name, SplittableRandom random, double size) {
        float[] values = new float[(int) weights.get(name).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-size, size);
        }
        return values;
    }

    private static double sumOfSquares(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }

    private static ByteBuffer bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }

    /** One parameter and what an optimiser keeps of it. */
    private static final class Scalars {
        private final OptimizerType learner;
        private final double[] p;
        private final double[] first;
        private final double[] second;

        Scalars(OptimizerType learner, float[] start) {
            this.learner = learner;
            p = new double[start.length];
            first = new double[start.length];
            second = new double[start.length];
            for (int i = 0; i < start.length; i++) {
                p[i] = start[i];
            }
        }

        void step(int t, float[] gradient, double divisor) {
            for (int i = 0; i < p.length; i++) {
                double g = gradient[i] / divisor;
                if (learner == OptimizerType.ADAMW) {
                    p[i] *= 1 - RATE * DECAY;
                } else {
                    g += DECAY * p[i];
                }
                p[i] -= RATE * direction(i, g, t);
            }
        }

        private double direction(int i, double g, int t) {
            switch (learner) {
                case SGD:
                    return g;
                case ADAGRAD:
                    second[i] += g * g;
                    return g / (Math.sqrt(second[i]) + 1e-10);
                case RMSPROP:
                    second[i] = 0.99 * second[i] + 0.01 * g * g;
                    return g / (Math.sqrt(second[i]) + 1e-8);
                default:
                    first[i] = 0.9 * first[i] + 0.1 * g;
                    second[i] = 0.999 * second[i] + 0.001 * g * g;
                    double root = Math.sqrt(second[i]) / Math.sqrt(1 - Math.pow(0.999, t));
                    return first[i] / (1 - Math.pow(0.9, t)) / (root + 1e-8);
            }
        }

        float[] values() {
            float[] values = new float[p.length];
            for (int i = 0; i < p.length; i++) {
                values[i] = (float) p[i];
            }
            return values;
        }
    }
}
