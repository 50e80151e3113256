package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.device.Device;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class MlpTest {
    private static final int WIDTH = 1000;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    @Test
    void dropoutZeroesInputsAndScalesTheOthersInTrainingOnly() {
        // Given
        NetworkConfig config = new NetworkConfig(new ModelShape(WIDTH, List.of(2), 2, List.of(3)), false);
        Weights weights = new Weights(config, manager);
        DenseLayer first = config.encoder().get(0);
        fill(weights, first.weight(), 1f);
        Mlp mlp = new Mlp(List.of(first), weights, 0.5);
        NDArray ones = manager.ones(new Shape(1, WIDTH));
        Torch.seed(3);

        // When
        float trained = mlp.forward(ones, true).toFloatArray()[0];
        float evaluated = mlp.forward(ones, false).toFloatArray()[0];

        // Then
        // Twice as many as were left: 1,000 on average, with a standard deviation of 32.
        assertThat(trained).isCloseTo(WIDTH, within(150f)).isNotEqualTo(WIDTH);
        assertThat(trained % 2).isZero();
        assertThat(evaluated).isEqualTo(WIDTH);
    }

    @Test
    void batchesAreCountedInTrainingOnly() {
        // Given
        NetworkConfig config = new NetworkConfig(new ModelShape(4, List.of(3), 2, List.of(3)), true);
        Weights weights = new Weights(config, manager);
        DenseLayer first = config.encoder().get(0);
        Mlp mlp = new Mlp(List.of(first), weights, 0);
        NDArray x = manager.arange(8f).reshape(2, 4);

        // When
        for (int i = 0; i < 3; i++) {
            mlp.forward(x, true);
        }
        mlp.forward(x, false);

        // Then
        assertThat(weights.get(first.batchesTracked()).getLong()).isEqualTo(3);
    }

    private static void fill(Weights weights, String name, float value) {
        int size = (int) weights.get(name).size();
        ByteBuffer bytes = ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putFloat(value);
        }
        weights.set(name, bytes.flip());
    }
}
