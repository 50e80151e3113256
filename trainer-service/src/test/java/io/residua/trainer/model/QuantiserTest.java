package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.Quantiser.Part;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses and gradients of a batch against the same in plain float64. */
class QuantiserTest {
    private static final int ROWS = 30;
    private static final int DIM = 4;
    private static final List<Integer> SIZES = List.of(5, 3, 7);
    private static final double WEIGHT = 0.7;
    private static final double BETA = 0.3;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private final Weights weights =
            new Weights(new NetworkConfig(new ModelShape(6, List.of(5), DIM, SIZES), false), manager);

    @ParameterizedTest
    @CsvSource({"false, true", "true, true", "true, false"})
    void gradientsAreThoseOfTheLosses(boolean commitEveryLevel, boolean trainCodebooks) {
        // Given
        SplittableRandom random = new SplittableRandom(1);
        for (int level = 0; level < SIZES.size(); level++) {
            weights.get(NetworkConfig.codebook(level)).addi(random(random, SIZES.get(level)));
        }
        NDArray z = random(random, ROWS);
        Quantiser quantiser = new Quantiser(
                weights,
                SIZES.size(),
                new LossConfig(LossConfig.Reconstruction.MSE, WEIGHT, BETA, List.of(0., 0., 0.), 50, commitEveryLevel));

        // When
        Part part = quantiser.quantise(z, z);
        Quantised quantised = quantiser.join(List.of(part), manager, trainCodebooks);

        // Then
        double[][] residual = rows(z);
        double[][] toLatent = new double[ROWS][DIM];
        double loss = 0;
        for (int level = 0; level < SIZES.size(); level++) {
            double[][] codebook = rows(weights.get(NetworkConfig.codebook(level)));
            double[][] toCodebook = new double[SIZES.get(level)][DIM];
            long[] codes = quantised.codes().get(level).toLongArray();
            for (int row = 0; row < ROWS; row++) {
                assertThat(codes[row]).isEqualTo(nearest(codebook, residual[row]));
                for (int i = 0; i < DIM; i++) {
                    double error = codebook[(int) codes[row]][i] - residual[row][i];
                    double share = 1.0 / (ROWS * DIM * SIZES.size());
                    loss += (1 + BETA) * error * error * share;
                    toCodebook[(int) codes[row]][i] += trainCodebooks ? 2 * WEIGHT * error * share : 0;
                    toLatent[row][i] -= level == 0 || commitEveryLevel ? 2 * WEIGHT * BETA * error * share : 0;
                    residual[row][i] = -error;
                }
            }
            assertThat(weights.gradient(NetworkConfig.codebook(level)).toFloatArray())
                    .containsExactly(flat(toCodebook), within(1e-6f));
        }
        assertThat(part.gradient().toFloatArray()).containsExactly(flat(toLatent), within(1e-6f));
        assertThat((double) quantised.loss().getFloat()).isCloseTo(loss, within(1e-5));
    }

    private static int nearest(double[][] codebook, double[] residual) {
        int nearest = 0;
        double least = Double.MAX_VALUE;
        for (int entry = 0; entry < codebook.length; entry++) {
            double distance = 0;
            for (int i = 0; i < DIM; i++) {
                distance += Math.pow(codebook[entry][i] - residual[i], 2);
            }
            if (distance < least) {
                least = distance;
                nearest = entry;
            }
        }
        return nearest;
    }

    private NDArray random(SplittableRandom random, int rows) {
        float[] values = new float[rows * DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return manager.create(values, new Shape(rows, DIM));
    }

    private static double[][] rows(NDArray array) {
        float[] values = array.toFloatArray();
        double[][] rows = new double[values.length / DIM][DIM];
        for (int i = 0; i < values.length; i++) {
            rows[i / DIM][i % DIM] = values[i];
        }
        return rows;
    }

    private static float[] flat(double[][] rows) {
        float[] values = new float[rows.length * DIM];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) rows[i / DIM][i % DIM];
        }
        return values;
    }
}
