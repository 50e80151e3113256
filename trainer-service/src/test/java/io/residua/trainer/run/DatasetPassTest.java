package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.Torch;
import io.residua.trainer.model.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetPassTest {
    private static final int ROWS = 9001;
    private static final int DIM = 6;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private final int threads = Torch.threads();
    private final float[] data = data();
    private final Dataset dataset = Dataset.scan(Rows.of(data, DIM));
    private final Standardisation standardisation = Standardisation.of(dataset.statistics());
    private final RqVae model = model();
    private final DatasetPass pass = new DatasetPass(model, dataset, standardisation.on(manager), manager);

    @AfterEach
    void threadsAsBefore() {
        Torch.threads(threads);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyRowComesOnceStandardisedAndInItsPlace(int threads) {
        // Given
        Torch.threads(threads);
        int[] reversed = IntStream.range(0, ROWS - 17).map(i -> ROWS - 1 - i).toArray();

        for (int[] rows : Arrays.asList(null, reversed)) {
            // When
            float[] seen = new float[(rows == null ? ROWS : rows.length) * DIM];
            Arrays.fill(seen, Float.NaN);
            pass.each(rows, (x, from) -> {
                float[] some = x.toFloatArray();
                System.arraycopy(some, 0, seen, from * DIM, some.length);
            });

            // Then
            for (int i = 0; i < seen.length; i++) {
                int row = rows == null ? i / DIM : rows[i / DIM];
                float expected =
                        (data[row * DIM + i % DIM] - standardisation.mean()[i % DIM]) / standardisation.scale();
                assertThat(seen[i]).isCloseTo(expected, within(1e-5f));
            }
        }
    }

    @Test
    void threadsFindWhatOneFinds() {
        // Given
        Torch.threads(1);
        Evaluation alone = evaluate();
        Torch.threads(2);

        // When
        Evaluation together = evaluate();

        // Then
        assertThat(together.used()).isEqualTo(alone.used());
        assertThat(together.collisionRate()).isEqualTo(alone.collisionRate(), within(2.0 / ROWS));
        assertThat(together.reconstructionError()).isEqualTo(alone.reconstructionError(), within(1e-5));
        assertThat(together).isEqualTo(evaluate());
    }

    private Evaluation evaluate() {
        return new Evaluator(model, dataset, standardisation, pass).evaluate();
    }

    @Test
    void resultsAreInTheOrderOfTheRowsAndNoArrayStays() {
        // Given
        Torch.threads(2);
        int before = manager.getManagedArrays().size();

        // When
        List<Integer> begins = pass.over(null, (from, x) -> {
            assertThat(model.encode(x).getShape().get(0)).isPositive();
            return from;
        });

        // Then
        assertThat(begins).hasSizeGreaterThan(2).isSorted().startsWith(0);
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private static float[] data() {
        SplittableRandom random = new SplittableRandom(3);
        float[] data = new float[ROWS * DIM];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian(i % DIM, 2);
        }
        return data;
    }

    private RqVae model() {
        NetworkConfig config = new NetworkConfig(new ModelShape(DIM, List.of(32, 16), 4, List.of(16, 16)), false);
        Weights weights = new Weights(config, manager);
        weights.initialise(config, new SplittableRandom(5));
        weights.initialiseCodebooks(config, new SplittableRandom(6));
        return new RqVae(config, 0, weights, new LossConfig(Reconstruction.MSE, 1, 0.25, List.of(0.0, 0.0), 50, true));
    }
}
