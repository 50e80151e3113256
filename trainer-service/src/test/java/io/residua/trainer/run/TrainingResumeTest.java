package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.common.network.Checkpoint;
import io.residua.common.safetensors.Safetensors;
import io.residua.trainer.model.LearningRate;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.OptimizerType;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.TrainingNews.Evaluated;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingOptions.Network;
import io.residua.trainer.run.TrainingOptions.Optimisation;
import io.residua.trainer.run.TrainingOptions.Selection;
import io.residua.trainer.run.TrainingOptions.SelectionMetric;
import io.residua.trainer.run.TrainingRun.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that stop before their end and go on in the same folder. */
class TrainingResumeTest {
    private static final int ROWS = 500;

    @TempDir
    Path folder;

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    @ParameterizedTest
    @CsvSource({"false, 0, 3", "false, 0, 11", "true, 0.2, 11"})
    void resumedRunEndsBitForBitAsTheUninterruptedOne(boolean batchNorm, double dropout, int stopAfter)
            throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(16, batchNorm, dropout);
        Outcome whole = run("whole", options, data, 0);
        Map<String, ByteBuffer> expected = whole.model().weights().copy();
        assertThatThrownBy(() -> run("parts", options, data, stopAfter * 8 + 3))
                .isInstanceOf(CancellationException.class);

        // When
        Outcome resumed = run("parts", options, data, 0);

        // Then
        assertThat(resumed.model().weights().copy()).isEqualTo(expected);
        assertThat(resumed.evaluation()).isEqualTo(whole.evaluation());
        assertThat(resumed.losses()).isEqualTo(whole.losses());
    }

    @Test
    void resumedRunWithBatchShardsEndsAsTheWholeOne() throws IOException {
        // Given
        int threads = Torch.threads();
        Torch.threads(2);
        Dataset data = Dataset.scan(TestRuns.rows(5000));
        TrainingOptions base = TestRuns.improved(6, false, 0);
        Optimisation optimisation =
                new Optimisation(OptimizerType.ADAMW, 3e-3, LearningRate.Kind.LINEAR, 1, 1e-4, 2048, 6);
        TrainingOptions options = new TrainingOptions(
                new Network(List.of(1024), 6, List.of(12, 8, 10), false, 0),
                new LossConfig(Reconstruction.MSE, 1, 0.25, List.of(0.0, 0.0, 0.0), 20, true),
                optimisation,
                base.recipe(),
                new Selection(2, 0, SelectionMetric.BALANCED),
                7);
        try {
            Outcome whole = run("whole", options, data, 0);
            Map<String, ByteBuffer> expected = whole.model().weights().copy();
            assertThatThrownBy(() -> run("parts", options, data, 3 * 3 + 1)).isInstanceOf(CancellationException.class);

            // When
            Outcome resumed = run("parts", options, data, 0);

            // Then
            assertThat(resumed.model().weights().copy()).isEqualTo(expected);
            assertThat(resumed.evaluation()).isEqualTo(whole.evaluation());
            assertThat(resumed.losses()).isEqualTo(whole.losses());
        } finally {
            Torch.threads(threads);
        }
    }

    @ParameterizedTest
    @EnumSource(OptimizerType.class)
    @Tag("long")
    void resumedRunOfEveryLearnerByGradientEndsAsTheWholeOne(OptimizerType learner) throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions base = TestRuns.reference(14, KMeansMode.LARGE);
        Optimisation optimisation = new Optimisation(learner, 1e-3, LearningRate.Kind.CONSTANT, 1, 1e-4, 64, 14);
        TrainingOptions options = new TrainingOptions(
                base.network(),
                base.loss(),
                optimisation,
                base.recipe(),
                new Selection(1, 4, SelectionMetric.COLLISION),
                7);
        Outcome whole = run("whole", options, data, 0);
        Map<String, ByteBuffer> expected = whole.model().weights().copy();
        assertThatThrownBy(() -> run("parts", options, data, 5 * 8 + 2)).isInstanceOf(CancellationException.class);

        // When
        Outcome resumed = run("parts", options, data, 0);

        // Then
        assertThat(resumed.epochs()).isEqualTo(whole.epochs());
        assertThat(resumed.model().weights().copy()).isEqualTo(expected);
    }

    @Test
    void weightsToPublishThatAreNewerThanTheStateAreNotTakenForItsOwn() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(16, false, 0);
        Outcome whole = run("whole", options, data, 0);
        Map<String, ByteBuffer> expected = whole.model().weights().copy();
        Path state = folder.resolve("parts").resolve("state");
        TrainingRun.CheckpointPolicy policy = TestRuns.keeping(folder.resolve("parts"));
        TrainingRun dying = new TrainingRun(
                options,
                data,
                policy,
                news -> {
                    if (news instanceof Evaluated evaluated && evaluated.epoch() == 12) {
                        throw new IllegalStateException("killed at the evaluation of epoch 12");
                    }
                },
                manager);
        assertThatThrownBy(() -> dying.run(() -> false)).isInstanceOf(IllegalStateException.class);
        Files.write(state.resolve("published-12.safetensors"), new byte[] {1, 2, 3});

        // When
        Outcome resumed = run("parts", options, data, 0);

        // Then
        assertThat(resumed.model().weights().copy()).isEqualTo(expected);
        assertThat(names(state))
                .filteredOn(name -> name.startsWith("published-"))
                .hasSize(1);
        Path published = state.resolve("published-" + resumed.bestEpoch() + ".safetensors");
        assertThatThrownBy(() -> Checkpoint.read(published))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("standardised rows");
    }

    @Test
    void optionThatThisVersionDoesNotKnowIsIgnoredOnResume() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        TrainingOptions options = TestRuns.improved(16, false, 0);
        Outcome whole = run("whole", options, data, 0);
        Map<String, ByteBuffer> expected = whole.model().weights().copy();
        assertThatThrownBy(() -> run("parts", options, data, 11 * 8 + 3)).isInstanceOf(CancellationException.class);
        Path file = folder.resolve("parts").resolve("state").resolve("run.safetensors");
        Safetensors saved = Safetensors.read(file);
        String state = saved.metadata().get("state").replace("\"recipe\":{", "\"recipe\":{\"noSuchOption\":true,");
        assertThat(state).contains("noSuchOption");
        Safetensors.write(file, saved.tensors(), Map.of("state", state));

        // When
        TrainingOptions begun = RunFolder.begun(folder.resolve("parts")).options();
        Outcome resumed = run("parts", begun, data, 0);

        // Then
        assertThat(begun).isEqualTo(options);
        assertThat(resumed.model().weights().copy()).isEqualTo(expected);
    }

    @Test
    void folderOfAnotherRunIsRefused() throws IOException {
        // Given
        Dataset data = Dataset.scan(TestRuns.rows(ROWS));
        run("d", TestRuns.improved(4, false, 0), data, 0);

        // When / Then
        assertThatThrownBy(() -> run("d", TestRuns.improved(8, false, 0), data, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other options: epochs was 4 and is 8");
        assertThatThrownBy(() -> run("d", TestRuns.improved(4, false, 0), Dataset.scan(TestRuns.rows(400)), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other data");
    }

    /** Runs, and cancels after {@code stopAfterSteps} steps unless that is 0. */
    private Outcome run(String name, TrainingOptions options, Dataset data, int stopAfterSteps) throws IOException {
        return TestRuns.run(options, data, folder.resolve(name), news -> {}, stopAfterSteps, manager);
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
