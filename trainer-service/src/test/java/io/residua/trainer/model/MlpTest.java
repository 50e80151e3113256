package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MlpTest {
    private static final int WIDTH = 1000;
    /** A change that float32 resolves and few ReLUs notice. */
    private static final float STEP = 1e-3f;

    private static final float TOLERANCE = 3e-3f;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    @Test
    void dropoutZeroesInputsAndScalesTheOthersInTrainingOnly() {
        // Given
        NetworkConfig config = new NetworkConfig(new ModelShape(WIDTH, List.of(2), 2, List.of(3)), false);
        Weights weights = new Weights(config, manager);
        DenseLayer first = config.encoder().get(0);
        fill(weights, first.weight(), 1f);
        Mlp mlp = new Mlp(List.of(first), weights, 0.5, true);
        NDArray ones = manager.ones(new Shape(1, WIDTH));
        Torch.seed(3);

        // When
        float trained = mlp.forward(ones).output().toFloatArray()[0];
        float evaluated = mlp.evaluate(ones).toFloatArray()[0];

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
        Mlp mlp = new Mlp(List.of(first), weights, 0, true);
        NDArray x = manager.arange(8f).reshape(2, 4);

        // When
        for (int i = 0; i < 3; i++) {
            mlp.forward(x);
        }
        mlp.evaluate(x);

        // Then
        assertThat(weights.get(first.batchesTracked()).getLong()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "0, false, false",
        "0, false, true",
        "0, true, false",
        "0, true, true",
        "0.4, false, true",
        "0.4, true, false"
    })
    void gradientsAreTheSlopes(double dropout, boolean batchNorm, boolean oneDnn) {
        // Given
        assumeTrue(!oneDnn || Mlp.hasOneDnn(manager));
        NetworkConfig config = new NetworkConfig(new ModelShape(5, List.of(7, 6), 3, List.of(3)), batchNorm);
        Weights weights = new Weights(config, manager);
        SplittableRandom random = new SplittableRandom(3);
        weights.parameters()
                .forEach(name ->
                        weights.set(name, bytes(random, weights.get(name).size())));
        Mlp mlp = new Mlp(config.encoder(), weights, dropout, true, oneDnn);
        NDArray x = manager.create(bytes(random, 8 * 5).asFloatBuffer(), new Shape(8, 5));
        NDArray slopes = manager.create(bytes(random, 8 * 3).asFloatBuffer(), new Shape(8, 3));
        DoubleSupplier value = () -> {
            Torch.seed(3);
            return mlp.forward(x).output().mul(slopes).sum().getFloat();
        };
        Torch.seed(3);

        // When
        NDArray toInput = mlp.backward(1)
                .run(0, mlp.forward(x), slopes.duplicate(), Runnable::run)
                .orElseThrow();

        // Then
        assertThat(toInput.toFloatArray()).containsExactly(slopesOf(value, x), within(TOLERANCE));
        for (String name : weights.parameters().stream()
                .filter(name -> name.startsWith("encoder"))
                .toList()) {
            assertThat(weights.gradient(name).toFloatArray())
                    .as(name)
                    .containsExactly(slopesOf(value, weights.get(name)), within(TOLERANCE));
        }
    }

    @Test
    void gradientsOfPartsAreTheSameBitsInWhateverOrderTheyCome() {
        // Given
        NetworkConfig config = new NetworkConfig(new ModelShape(9, List.of(1030), 3, List.of(3)), false);
        Weights weights = new Weights(config, manager);
        SplittableRandom random = new SplittableRandom(3);
        weights.parameters()
                .forEach(name ->
                        weights.set(name, bytes(random, weights.get(name).size())));
        Mlp mlp = new Mlp(config.encoder(), weights, 0, true);
        NDArray x = manager.create(bytes(random, 80 * 9).asFloatBuffer(), new Shape(80, 9));
        NDArray slopes = manager.create(bytes(random, 80 * 3).asFloatBuffer(), new Shape(80, 3));
        Map<String, float[]> inOrder = gradients(weights, mlp, x, slopes, List.of(0, 1), false);

        // When
        Map<String, float[]> inReverse = gradients(weights, mlp, x, slopes, List.of(1, 0), true);

        // Then
        assertThat(inReverse).usingRecursiveComparison().isEqualTo(inOrder);
        assertThat(inOrder.values()).allSatisfy(gradient -> assertThat(gradient).doesNotContain(Float.NaN));
    }

    /** Of both halves of x, which pass in an order. */
    private Map<String, float[]> gradients(
            Weights weights, Mlp mlp, NDArray x, NDArray slopes, List<Integer> order, boolean tasksReversed) {
        List<String> names = weights.parameters().stream()
                .filter(name -> name.startsWith("encoder"))
                .toList();
        names.forEach(name -> weights.gradient(name).set(new NDIndex("..."), Float.NaN));
        NDList xs = x.split(2);
        NDList gs = slopes.duplicate().split(2);
        List<Runnable> tasks = new ArrayList<>();
        Mlp.Backward backward = mlp.backward(2);
        for (int part : order) {
            assertThat(tasks).isEmpty();
            backward.run(part, mlp.forward(xs.get(part)), gs.get(part), tasks::add);
        }
        // The wide layer's is shared out.
        assertThat(tasks).hasSize(3);
        if (tasksReversed) {
            Collections.reverse(tasks);
        }
        tasks.forEach(Runnable::run);
        return names.stream().collect(Collectors.toMap(name -> name, name -> weights.gradient(name)
                .toFloatArray()));
    }

    /** How a value changes with each element, by differences. */
    private float[] slopesOf(DoubleSupplier value, NDArray array) {
        float[] original = array.toFloatArray();
        float[] slopes = new float[original.length];
        for (int i = 0; i < original.length; i++) {
            slopes[i] =
                    (float) ((at(value, array, original, i, STEP) - at(value, array, original, i, -STEP)) / (2 * STEP));
        }
        set(array, original);
        return slopes;
    }

    private double at(DoubleSupplier value, NDArray array, float[] original, int element, float step) {
        float[] moved = original.clone();
        moved[element] += step;
        set(array, moved);
        return value.getAsDouble();
    }

    private void set(NDArray array, float[] values) {
        array.set(new NDIndex("..."), manager.create(values, array.getShape()));
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
    void oneDnnIsFoundWhereItIs() {
        assertThat(Mlp.hasOneDnn(manager)).isTrue();
        assertThat(TorchScript.compiles(manager, "h: Tensor", "return [ops.mkldnn.no_such(h)]\n"))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void lastWeightThatIsNoNumberShowsInTheOutput(boolean oneDnn) {
        // Given
        assumeTrue(!oneDnn || Mlp.hasOneDnn(manager));
        NetworkConfig config = new NetworkConfig(new ModelShape(4, List.of(3), 2, List.of(3)), false);
        Weights weights = new Weights(config, manager);
        fill(weights, config.encoder().get(1).weight(), Float.NaN);
        Mlp mlp = new Mlp(config.encoder(), weights, 0, true, oneDnn);
        NDArray x = manager.create(new float[] {1, 0, 2, 3}, new Shape(1, 4));

        // When
        float[] trained = mlp.forward(x).output().toFloatArray();
        float[] evaluated = mlp.evaluate(x).toFloatArray();

        // Then
        assertThat(trained).containsOnly(Float.NaN);
        assertThat(evaluated).containsOnly(Float.NaN);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneElementThatIsNoNumberIsFound(float element) {
        // Given
        NetworkConfig config = new NetworkConfig(new ModelShape(4, List.of(3), 2, List.of(3)), false);
        Weights weights = new Weights(config, manager);
        assertThat(weights.areFinite()).isTrue();

        // When
        weights.get(config.encoder().get(0).weight()).set(new NDIndex("1, 2"), element);

        // Then
        assertThat(weights.areFinite()).isFalse();
    }

    private static ByteBuffer bytes(SplittableRandom random, long size) {
        ByteBuffer bytes = ByteBuffer.allocate((int) size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putFloat((float) random.nextDouble(-1, 1));
        }
        return bytes.flip();
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
