package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.common.event.Json;
import io.residua.common.network.Checkpoint;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.OptimizerType;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.TrainingNews.Evaluated;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.Optimisation;
import io.residua.trainer.run.TrainingOptions.Recipe;
import io.residua.trainer.run.TrainingOptions.Selection;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import io.residua.trainer.run.TrainingRun.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingRunTest {
    private static final int ROWS = 500;

    @TempDir
    Path folder;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private final List<TrainingNews> news = new ArrayList<>();

    @Test
    void improvedRecipeReconstructsDataOfSmallSpread() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));

        // When
        Outcome outcome = run("a", TestRuns.improved(60, false, 0), data);

        // Then
        double variance = data.statistics().spread() * data.statistics().spread();
        assertThat(outcome.evaluation().reconstructionError()).isLessThan(0.25 * variance);
        assertThat(outcome.evaluation().utilisation()).allMatch(share -> share == 1);
        assertThat(evaluations().get(evaluations().size() - 1).evaluation().utilisation())
                .hasSize(3);
    }

    @ParameterizedTest
    @EnumSource(KMeansMode.class)
    void referenceRecipeLearnsFromEveryStart(KMeansMode start) throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));

        // When
        Outcome outcome = run("b", TestRuns.reference(24, start), data);

        // Then
        assertThat(outcome.evaluation().relativeReconstructionError()).isLessThan(0.1);
    }

    @Test
    void nothingIsBestBeforeQuantisationAndWarmUpAreOver() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));

        // When
        run("c", TestRuns.improved(24, false, 0), data);

        // Then
        assertThat(evaluations())
                .filteredOn(evaluated -> evaluated.epoch() <= 8)
                .isNotEmpty()
                .noneMatch(Evaluated::best);
        assertThat(evaluations()).filteredOn(evaluated -> evaluated.epoch() > 8).anyMatch(Evaluated::best);
        assertThat(news)
                .filteredOn(news -> news instanceof TrainingNews.Quantising)
                .singleElement()
                .isEqualTo(Json.read(Json.write(quantising()), TrainingNews.class))
                .extracting(news -> ((TrainingNews.Quantising) news).kmeans())
                .isEqualTo(KMeansMode.LARGE);
    }

    private TrainingNews quantising() {
        return news.stream()
                .filter(news -> news instanceof TrainingNews.Quantising)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void encoderThatGivesNoNumbersIsDivergence() throws IOException {
        // Given
        float[] elements = new float[ROWS * TestRuns.DIM];
        for (int i = 0; i < elements.length; i++) {
            elements[i] = i % 2 == 0 ? 3e38f : 2e38f;
        }
        Dataset huge = Dataset.scan(Rows.of(elements, TestRuns.DIM));

        // When / Then
        assertThatThrownBy(() -> run("h", TestRuns.reference(4, KMeansMode.LARGE), huge))
                .isInstanceOf(TrainingRun.DivergedException.class)
                .hasMessageContaining("encoder's output")
                .hasMessageContaining("epoch 1");
    }

    @Test
    void stepThatLeadsNowhereIsDivergenceThoughNoLossHasSeenIt() throws IOException {
        // Given
        TrainingOptions base = TestRuns.reference(4, KMeansMode.NONE);
        Optimisation far = new Optimisation(OptimizerType.ADAMW, 1e39, LearningRate.Kind.CONSTANT, 0, 0, ROWS, 4);
        TrainingOptions options = new TrainingOptions(
                base.network(), base.loss(), far, base.recipe(), new Selection(1, 0, SelectionMetric.LOSS), 7);
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));

        // When / Then
        assertThatThrownBy(() -> run("w", options, data))
                .isInstanceOf(TrainingRun.DivergedException.class)
                .hasMessageContaining("a weight became no number in epoch 1");
        assertThat(names(folder.resolve("w"))).noneMatch(name -> name.startsWith("best_"));
    }

    @Test
    void checkpointsOfTheBestAndTheNewestAreKeptFoldedAndDescribed() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));

        // When
        Outcome outcome = run("f", TestRuns.improved(28, true, 0), data);

        // Then
        Path run = folder.resolve("f");
        List<String> files = names(run);
        assertThat(files)
                .contains("best_loss_model.safetensors", "best_collision_model.json", "best_utilization_model.json")
                .filteredOn(name -> name.matches("epoch_\\d+_collision_0\\.\\d{4}_model\\.safetensors"))
                .hasSizeBetween(2, 4)
                .anyMatch(name -> name.startsWith("epoch_28_"))
                .anyMatch(name -> name.startsWith("epoch_24_"));
        Checkpoint best = Checkpoint.read(run.resolve("best_loss_model.safetensors"));
        assertThat(best.network()).isEqualTo(outcome.model().config());
        assertThat(Files.readString(run.resolve("best_loss_model.json")))
                .contains("\"fingerprint\"", "\"collisionRate\"", "\"learner\" : \"ADAMW\"", "state/run.safetensors");
    }

    @Test
    void batchOfOneRowIsRefusedWithBatchNormalisation() {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(64 * 3 + 1));

        // When / Then
        assertThatThrownBy(() -> run("l", TestRuns.improved(4, true, 0), data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("batch_size is 64");
    }

    @Test
    void runWithoutGainEndsWhenPatienceIsOver() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions endless = TestRuns.improved(400, false, 0);
        TrainingOptions options = new TrainingOptions(
                endless.network(),
                endless.loss(),
                endless.optimisation(),
                new Recipe(true, 4, KMeansMode.LARGE, 20, 0.9, 5),
                new Selection(1, 3, SelectionMetric.UTILIZATION),
                7);

        // When
        Outcome outcome = run("g", options, data);

        // Then
        assertThat(outcome.epochs()).isEqualTo(outcome.bestEpoch() + 3).isLessThan(60);
    }

    @Test
    void runThatStartsFromTrainedWeightsBeginsWhereTheyWere() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        Outcome first = run("h", TestRuns.improved(40, true, 0), data);
        Checkpoint trained =
                FoldedWeights.fold(first.model().config(), first.model().weights(), first.standardisation());
        TrainingRun run = new TrainingRun(
                TestRuns.improved(4, true, 0), data, TestRuns.keeping(folder.resolve("i")), news::add, manager);

        // When
        run.startFrom(trained);
        Outcome second = run.run(() -> false);

        // Then
        assertThat(second.evaluation().reconstructionError())
                .isLessThan(1.1 * first.evaluation().reconstructionError());
        assertThatThrownBy(() -> new TrainingRun(
                                TestRuns.improved(4, false, 0),
                                data,
                                TestRuns.keeping(folder.resolve("j")),
                                news::add,
                                manager)
                        .startFrom(trained))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("checkpoint to start from");
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void noArrayIsLeftBehindFromStepToStep() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        List<Integer> counts = new ArrayList<>();
        TrainingRun run = new TrainingRun(
                TestRuns.improved(12, true, 0.1), data, TestRuns.keeping(folder.resolve("e")), news::add, manager);

        // When
        run.run(() -> {
            counts.add(manager.getManagedArrays().size());
            return false;
        });

        // Then
        assertThat(counts).hasSize(12 * 8).containsOnly(counts.get(0));
    }

    @Test
    void rowsThatAreNoNumbersAreLeftOut() {
        // Given
        float[] values = new float[5 * TestRuns.DIM];
        java.util.Arrays.fill(values, 2f);
        values[TestRuns.DIM] = Float.NaN;
        values[3 * TestRuns.DIM + 4] = Float.NEGATIVE_INFINITY;
        values[4 * TestRuns.DIM] = 5f;

        // When
        Dataset data = Dataset.scan(Rows.of(values, TestRuns.DIM));

        // Then
        assertThat(data.rows()).isEqualTo(3);
        assertThat(data.statistics().dropped()).isEqualTo(2);
        assertThat(data.statistics().mean()[0]).isEqualTo(3f);
        assertThat(data.batch(manager, null, 2, 3).getFloat(0, 0)).isEqualTo(5f);
    }

    private Outcome run(String name, TrainingOptions options, Dataset data) throws IOException {
        return TestRuns.run(options, data, folder.resolve(name), news::add, 0, manager);
    }

    private List<Evaluated> evaluations() {
        return news.stream()
                .filter(Evaluated.class::isInstance)
                .map(Evaluated.class::cast)
                .toList();
    }
}
