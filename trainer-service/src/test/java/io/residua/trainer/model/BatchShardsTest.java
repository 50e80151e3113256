package io.residua.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.RqVae.BatchResult;
import io.residua.trainer.model.RqVae.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of a batch at the same time, beside the whole of it. */
class BatchShardsTest {
    private static final int ROWS = 1301;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private final BatchShards shards = new BatchShards(manager, true);
    private int threads;

    @BeforeEach
    void twoThreads() {
        threads = Torch.threads();
        Torch.threads(2);
    }

    @AfterEach
    void threadsAsBefore() {
        Torch.threads(threads);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void partsAreTheRowsInTheirOrder(int count) {
        // Given
        Torch.threads(count);
        NDArray batch = manager.arange(3f * 2050).reshape(2050, 3);

        // When
        List<NDArray> parts = shards.cut(batch, manager);

        // Then
        assertThat(parts).hasSize(count).allMatch(part -> part.getShape().get(0) >= 512);
        assertThat(BatchShards.join(parts, part -> part, manager)).isEqualTo(batch);
    }

    @Test
    void batchesStayWholeWherePartsGainNothing() {
        NDArray batch = manager.zeros(new Shape(ROWS, 1));
        assertThat(shards.cut(batch, manager)).hasSize(2);
        assertThat(shards.cut(manager.zeros(new Shape(1000, 1)), manager)).hasSize(1);
        assertThat(new BatchShards(manager, false).cut(batch, manager)).hasSize(1);
        Torch.threads(1);
        assertThat(shards.cut(batch, manager)).hasSize(1);
        Torch.threads(3);
        assertThat(shards.cut(batch, manager)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 2048, 0, 1",
        "1, 1, 2048, 1, 1",
        "1, 5000, 2048, 3, 2048",
        "2, 0, 4096, 0, 1",
        "2, 1000, 4096, 1, 4096",
        "2, 1025, 4096, 2, 2048",
        "2, 9000, 4096, 6, 2048",
        "3, 9000, 6144, 6, 2048",
        "8, 9000, 1000, 24, 512",
        "4, 2000, 900, 3, 900"
    })
    void rangesGoOverAllRows(int threads, int rows, int most, int ranges, int longest) {
        // Given
        Torch.threads(threads);

        // When
        List<List<Integer>> seen = shards.inRanges(rows, most, (from, to) -> List.of(from, to, Torch.threads()));

        // Then
        assertThat(seen).hasSize(ranges);
        int end = 0;
        for (List<Integer> range : seen) {
            assertThat(range.get(0)).isEqualTo(end);
            end = range.get(1);
            assertThat(end - range.get(0)).isBetween(rows / ranges, longest);
            assertThat(range.get(2)).isEqualTo(ranges % threads == 0 ? 1 : threads);
        }
        assertThat(end).isEqualTo(rows);
    }

    @Test
    void eachLaneIsOneThread() {
        // Given
        Torch.threads(3);

        // When
        List<Integer> seen = BatchShards.run(List.of(1, 2, 3), (part, tasks) -> Torch.threads());

        // Then
        assertThat(seen).containsExactly(1, 1, 1);
        assertThat(Torch.threads()).isEqualTo(3);
    }

    @Test
    void failureOfALaneIsTheFailureOfAllAndWaitsForTheOthers() {
        AtomicInteger over = new AtomicInteger();
        for (int failing = 1; failing <= 2; failing++) {
            int which = failing;
            assertThatThrownBy(() -> BatchShards.run(List.of(1, 2), (part, tasks) -> {
                        if (part == which) {
                            throw new IllegalStateException("shard " + part);
                        }
                        sleep(200);
                        return over.incrementAndGet();
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("shard " + which);
            assertThat(over).hasValue(which);
        }
        assertThat(Torch.threads()).isEqualTo(2);
    }

    @Test
    void tasksOfABusyLaneAreDoneByTheOther() {
        // Given
        List<String> done = new CopyOnWriteArrayList<>();

        // When
        List<String> names = BatchShards.run(List.of("late", "early"), (name, tasks) -> {
            if (name.equals("late")) {
                CountDownLatch missing = new CountDownLatch(3);
                for (int i = 1; i <= 3; i++) {
                    int number = i;
                    tasks.execute(() -> {
                        done.add("task " + number + " in " + Torch.threads());
                        missing.countDown();
                    });
                }
                await(missing);
                tasks.execute(() -> {
                    sleep(200);
                    done.add("last");
                });
            }
            return name;
        });

        // Then
        assertThat(names).containsExactly("late", "early");
        assertThat(done).containsExactly("task 1 in 1", "task 2 in 1", "task 3 in 1", "last");
    }

    @Test
    void failureOfATaskIsTheFailureOfAll() {
        assertThatThrownBy(() -> BatchShards.run(List.of(1, 2), (part, tasks) -> {
                    tasks.execute(() -> {
                        throw new IllegalStateException("task");
                    });
                    return part;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("task");
        assertThat(Torch.threads()).isEqualTo(2);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"FULL, MSE", "AVERAGED_CODEBOOKS, L1", "AUTOENCODER, MSE"})
    void lossesAndGradientsAreThoseOfTheWholeBatch(Phase phase, Reconstruction reconstruction) {
        // Given
        NDArray x = batch();
        Torch.threads(1);
        Learned whole = learn(model(reconstruction), x, phase);
        Torch.threads(2);

        // When
        Learned halves = learn(model(reconstruction), x, phase);

        // Then
        assertThat(halves.losses).containsExactly(whole.losses, within(1e-6f));
        whole.gradients.forEach((name, gradient) ->
                assertThat(halves.gradients.get(name)).as(name).containsExactly(gradient, within(1e-7f)));
        assertThat(norm(whole.gradients.get("encoder.mlp_layers.1.weight"))).isGreaterThan(1e-3);
    }

    @Test
    void batchesThatSinkhornAssignsStayWhole() {
        // Given
        NDArray x = batch();
        Torch.threads(1);
        Learned one = learn(model(Reconstruction.MSE, 0.05), x, Phase.FULL);
        Torch.threads(2);

        // When
        Learned two = learn(model(Reconstruction.MSE, 0.05), x, Phase.FULL);

        // Then
        assertThat(two.codes).isDeepEqualTo(one.codes);
        assertThat(learn(model(Reconstruction.MSE), x, Phase.FULL).codes[1]).isNotEqualTo(one.codes[1]);
    }

    private static double norm(float[] gradient) {
        double sum = 0;
        for (float g : gradient) {
            sum += (double) g * g;
        }
        return Math.sqrt(sum);
    }

    @Test
    void shardsLeaveNoArrayBehind() {
        // Given
        RqVae model = model(Reconstruction.MSE);
        TrainingStep step = new TrainingStep(model, new Optimiser(OptimizerType.ADAMW, model.weights(), 0, manager));
        NDArray x = batch();
        step.run(x, Phase.FULL, 1e-3, result -> {});
        int before = manager.getManagedArrays().size();

        // When
        for (int i = 0; i < 5; i++) {
            step.run(x, Phase.FULL, 1e-3, result -> {});
        }

        // Then
        assertThat(manager.getManagedArrays()).hasSize(before);
    }

    private RqVae model(Reconstruction reconstruction) {
        return model(reconstruction, 0);
    }

    private RqVae model(Reconstruction reconstruction, double sinkhornEpsilon) {
        NetworkConfig config = new NetworkConfig(new ModelShape(12, List.of(1030, 10), 6, List.of(8, 8)), false);
        Weights weights = new Weights(config, manager);
        weights.initialise(config, new SplittableRandom(5));
        weights.initialiseCodebooks(config, new SplittableRandom(6));
        return new RqVae(
                config, 0, weights, new LossConfig(reconstruction, 1, 0.25, List.of(0.0, sinkhornEpsilon), 50, true));
    }

    private NDArray batch() {
        SplittableRandom random = new SplittableRandom(7);
        float[] elements = new float[ROWS * 12];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = (float) random.nextGaussian();
        }
        return manager.create(elements, new Shape(ROWS, 12));
    }

    private record Learned(float[] losses, Map<String, float[]> gradients, long[][] codes) {}

    private Learned learn(RqVae model, NDArray x, Phase phase) {
        try (NDScope scope = new NDScope()) {
            BatchResult result = model.learn(x, phase);
            Map<String, float[]> gradients = new LinkedHashMap<>();
            for (String name : model.weights().parameters()) {
                gradients.put(name, model.weights().gradient(name).toFloatArray());
            }
            return new Learned(
                    new float[] {
                        result.total().getFloat(), result.reconstruction().getFloat()
                    },
                    gradients,
                    phase == Phase.AUTOENCODER
                            ? new long[0][]
                            : result.quantised().codes().stream()
                                    .map(NDArray::toLongArray)
                                    .toArray(long[][]::new));
        }
    }
}
