package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.Quantiser.Quantised;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Averaged codebooks beside the same sums by hand. */
class AveragedCodebooksTest {
    private static final float DECAY = 0.75f;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private final NetworkConfig config = new NetworkConfig(new ModelShape(3, List.of(4), 2, List.of(3)), false);
    private final Weights weights = new Weights(config, manager);
    private final AveragedCodebooks averages = new AveragedCodebooks(config, weights, DECAY, 2, manager);

    @Test
    void entriesFollowTheResidualsThatChooseThem() {
        // Given
        set(new float[] {1, 2, 3, 4, 5, 6});
        averages.start(1);

        // When
        update(new float[] {10, 20, 30, 40, 7, 8}, 0, 0, 2);

        // Then: entry 0 has counted 0.75 · 1 + 0.25 · 2, entry 1 keeps its place, entry 2 has 0.75 + 0.25
        assertThat(codebook())
                .containsExactly(
                        new float[] {
                            (0.75f * 1 + 0.25f * 40) / 1.25f,
                            (0.75f * 2 + 0.25f * 60) / 1.25f,
                            3,
                            4,
                            0.75f * 5 + 0.25f * 7,
                            0.75f * 6 + 0.25f * 8
                        },
                        within(1e-5f));
    }

    @Test
    void entryThatNobodyChoosesStartsAnewAtAResidual() {
        // Given
        set(new float[] {1, 2, 3, 4, 5, 6});
        averages.start(1);
        float[] residuals = {10, 20, 10, 20, 10, 20};
        update(residuals, 0, 2, 0);
        assertThat(codebook()[2]).isEqualTo(3, within(1e-5f));

        // When
        update(residuals, 0, 2, 2);

        // Then
        assertThat(codebook()[2]).isEqualTo(10, within(1e-5f));
        assertThat(codebook()[3]).isEqualTo(20, within(1e-5f));
        update(residuals, 0, 2, 2);
        assertThat(codebook()[2]).isEqualTo(10, within(1e-5f));
    }

    private void update(float[] residuals, long... codes) {
        try (NDScope scope = new NDScope()) {
            NDArray given = manager.create(residuals, new Shape(codes.length, 2));
            averages.update(
                    new Quantised(List.of(manager.create(codes)), List.of(given), null, null), new SplittableRandom(1));
        }
    }

    private void set(float[] entries) {
        try (NDArray array = manager.create(entries, new Shape(3, 2))) {
            weights.set(NetworkConfig.codebook(0), array.toByteBuffer());
        }
    }

    private float[] codebook() {
        return weights.get(NetworkConfig.codebook(0)).toFloatArray();
    }
}
