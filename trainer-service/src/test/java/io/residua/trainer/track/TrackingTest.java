package io.residua.trainer.track;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.residua.common.device.Device;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.TestRuns;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackingTest {
    private static final int EPOCHS = 12;
    private static final int STEPS_PER_EPOCH = 8;
    private static final TrainingOptions OPTIONS = TestRuns.improved(EPOCHS, false, 0);

    @TempDir
    Path root;

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Dataset data = Dataset.scan(TestRuns.rows(500));

    @AutoClose
    private final NDManager manager = Torch.open(new Device.Cpu()).newSubManager();

    private TestServer server;

    @BeforeEach
    void open() throws IOException {
        server = new TestServer();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void everyEpochAndEvaluationIsInTheEventFile() throws IOException {
        // When
        train("a", Optional.empty(), 0);

        // Then
        Curves curves = Curves.read(root.resolve("a"));
        assertThat(curves.byTag())
                .containsOnlyKeys(
                        "loss/total",
                        "loss/reconstruction",
                        "loss/quantisation",
                        "learning_rate",
                        "rows_per_second",
                        "eval/collision_rate",
                        "eval/relative_reconstruction_error",
                        "eval/quantisation_error",
                        "eval/utilisation/level_0",
                        "eval/utilisation/level_1",
                        "eval/utilisation/level_2");
        assertThat(curves.loss().keySet()).containsExactlyElementsOf(epochs());
        assertThat(curves.byTag().get("eval/collision_rate").keySet()).containsExactly(4, 8, 12);
        assertThat(curves.seconds()).isPositive();
        assertThat(EventFile.list(root.resolve("a"))).hasSize(1);
    }

    @Test
    void resumedRunLeavesTheCurvesOfAnUninterruptedOne() throws IOException {
        // Given
        train("whole", Optional.empty(), 0);
        assertThatThrownBy(() -> train("parts", Optional.empty(), 6 * STEPS_PER_EPOCH + 3))
                .isInstanceOf(CancellationException.class);
        Path torn = EventFile.list(root.resolve("parts")).get(0);
        Files.write(
                torn,
                TfRecordFormat.frame(Events.scalars(1, 7, List.of(new Scalar("loss/total", 99)))),
                StandardOpenOption.APPEND);
        Files.write(torn, new byte[] {9, 0, 0}, StandardOpenOption.APPEND);

        // When
        train("parts", Optional.empty(), 0);

        // Then
        assertThat(EventFile.list(root.resolve("parts"))).hasSize(2);
        assertThat(figures("parts")).isEqualTo(figures("whole"));
    }

    @Test
    void onlyEvaluationsOfCodebooksThatHaveBegunAreCurves() throws IOException {
        // When
        train("a", Optional.empty(), 0);

        // Then
        Curves curves = Curves.read(root.resolve("a"));
        assertThat(curves.collisionRate().keySet()).containsExactly(8, 12);
        assertThat(curves.worstUtilisation().keySet()).containsExactly(8, 12);
        assertThat(curves.worstUtilisation().values()).allMatch(share -> share > 0 && share <= 1);
    }

    @Test
    void serverLearnsOptionsFiguresAndTheEnd() throws IOException {
        // When
        train("a", Optional.of(mlflow()), 0);

        // Then
        TestServer.Run run = server.onlyRun();
        assertThat(run.experiment).isEqualTo("tests");
        assertThat(run.name).isEqualTo("first");
        assertThat(run.status).isEqualTo("FINISHED");
        assertThat(run.params)
                .containsEntry("optimisation.batch_size", "64")
                .containsEntry("network.codebook_sizes", "12 8 10")
                .containsEntry("recipe.kmeans", "LARGE")
                .containsEntry("data.rows", "500");
        assertThat(run.tags)
                .containsEntry("residua.model_folder", root.resolve("model").toString());
        assertThat(run.metrics.get("loss/total").keySet()).containsExactlyInAnyOrderElementsOf(epochs());
        assertThat(run.metrics.get("eval/utilisation/level_2").keySet()).containsExactlyInAnyOrder(4, 8, 12);
        assertThat(warnings).isEmpty();
    }

    @Test
    void resumedRunGoesOnAsTheSameRunOfTheServer() throws IOException {
        // Given
        assertThatThrownBy(() -> train("a", Optional.of(mlflow()), 5 * STEPS_PER_EPOCH))
                .isInstanceOf(CancellationException.class);
        String statusBetween = server.onlyRun().status;

        // When
        train("a", Optional.of(mlflow()), 0);

        // Then
        assertThat(statusBetween).isEqualTo("KILLED");
        assertThat(server.onlyRun().status).isEqualTo("FINISHED");
        assertThat(server.onlyRun().metrics.get("loss/total").keySet()).containsExactlyInAnyOrderElementsOf(epochs());
        assertThat(warnings).isEmpty();
    }

    @Test
    void deletedRunIsNotContinued() throws IOException {
        // Given
        train("a", Optional.of(mlflow()), 0);
        server.onlyRun().stage = "deleted";

        // When
        train("a", Optional.of(mlflow()), 0);

        // Then
        assertThat(server.runs).hasSize(2);
    }

    @Test
    void failedTrainingIsAFailedRun() {
        // When
        assertThatThrownBy(() -> follow("a", Optional.of(mlflow()), listener -> {
                    throw new IllegalStateException("no memory");
                }))
                .isInstanceOf(IllegalStateException.class);

        // Then
        assertThat(server.onlyRun().status).isEqualTo("FAILED");
    }

    @Test
    void serverThatGoesAwayDoesNotStopTheTraining() throws IOException {
        // When
        follow("a", Optional.of(mlflow()), listener -> {
            server.close();
            return run("a", listener, 0);
        });

        // Then
        assertThat(Curves.read(root.resolve("a")).loss()).hasSize(EPOCHS);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0)).contains("cannot be reached, training goes on");
        assertThat(warnings.get(1)).contains("was not told of the run's end");
    }

    @Test
    void figuresThatAServerRefusesAreGivenUpWithOneWarning() throws IOException {
        // Given
        server.answer = 400;

        // When
        train("a", Optional.of(mlflow()), 0);

        // Then
        assertThat(warnings).singleElement().asString().contains("refuses figures: HTTP 400");
        assertThat(server.onlyRun().metrics).isEmpty();
        assertThat(server.onlyRun().status).isEqualTo("FINISHED");
    }

    @Test
    void figuresOutlastAServersTrouble() throws IOException {
        // Given
        server.answer = 503;

        // When
        follow("a", Optional.of(mlflow()), listener -> {
            Path model = run("a", listener, 0);
            awaitWarning();
            server.answer = 200;
            return model;
        });

        // Then
        assertThat(warnings).singleElement().asString().contains("HTTP 503");
        assertThat(server.onlyRun().params).isNotEmpty();
        assertThat(server.onlyRun().metrics.get("loss/total").keySet()).containsExactlyInAnyOrderElementsOf(epochs());
    }

    @Test
    void serverThatCannotBeReachedAtTheStartIsAnErrorInOneLine() {
        // Given
        URI uri = server.uri();
        server.close();

        // When / Then
        assertThatThrownBy(() -> train("a", Optional.of(new Tracking.Mlflow(uri, "tests", "first")), 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tracking server " + uri + " cannot be used")
                .hasMessageNotContaining("\n");
    }

    private Tracking.Mlflow mlflow() {
        return new Tracking.Mlflow(server.uri(), "tests", "first");
    }

    private void train(String name, Optional<Tracking.Mlflow> mlflow, int stopAfterSteps) throws IOException {
        follow(name, mlflow, listener -> run(name, listener, stopAfterSteps));
    }

    private void follow(String name, Optional<Tracking.Mlflow> mlflow, Tracking.Training training) throws IOException {
        Path folder = Files.createDirectories(root.resolve(name));
        Tracking.follow(folder, OPTIONS, mlflow, news -> {}, warnings::add, training);
    }

    /** Runs, and cancels after {@code stopAfterSteps} steps unless that is 0. */
    private Path run(String name, Listener listener, int stopAfterSteps) throws IOException {
        int[] steps = {0};
        new TrainingRun(OPTIONS, data, TestRuns.keeping(root.resolve(name)), listener, manager)
                .run(() -> stopAfterSteps > 0 && steps[0]++ == stopAfterSteps);
        return root.resolve("model");
    }

    private void awaitWarning() {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (warnings.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    /** All that does not depend on the time it took. */
    private Map<String, SortedMap<Integer, Double>> figures(String name) throws IOException {
        Map<String, SortedMap<Integer, Double>> figures =
                Curves.read(root.resolve(name)).byTag();
        figures.remove("rows_per_second");
        return figures;
    }

    private static List<Integer> epochs() {
        return IntStream.rangeClosed(1, EPOCHS).boxed().toList();
    }
}
