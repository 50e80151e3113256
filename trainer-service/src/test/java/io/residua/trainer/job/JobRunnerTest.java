package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.trainer.job.Job.Stop;
import io.residua.trainer.metrics.TestMeters;
import io.residua.trainer.metrics.TrainerMeters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

class JobRunnerTest {
    private static final String ID = "nightly";
    private static final ModelShape SHAPE = new ModelShape(2, List.of(), 2, List.of(4));

    @TempDir
    Path root;

    private final MemoryKafka kafka = new MemoryKafka("training-events", "models", "item-embeddings");
    private JobRunner runner;
    private Path jobFolder;

    @BeforeEach
    void createRunner() {
        TestConfig config = new TestConfig(root);
        TrainerMeters meters = TestMeters.create();
        EventLog events = new EventLog(kafka, TestConfig.topics(), config, meters);
        Installation installation =
                new Installation(config, root.resolve("artifacts").toString(), "cpu");
        runner = new JobRunner(config, TestConfig.topics(), kafka, events, meters, installation);
        jobFolder = root.resolve("jobs").resolve(ID);
    }

    @Test
    void requestWhoseModelIsAnnouncedSucceedsWithoutAnotherAnnouncement() throws Exception {
        // Given
        PublishedModel published = publish();
        kafka.add(
                "models",
                ID,
                new ModelPublished(
                        ID, ID, published.location(), published.manifestSha256(), published.manifest(), Instant.EPOCH));

        // When
        boolean ended = runner.run(job());

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.SUCCEEDED);
        assertThat(kafka.events("models", ModelPublished.class)).hasSize(1);
        assertThat(jobFolder).doesNotExist();
    }

    @Test
    void modelThatIsPublishedButNotAnnouncedIsAnnounced() throws Exception {
        // Given
        PublishedModel published = publish();

        // When
        boolean ended = runner.run(job());

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.SUCCEEDED);
        assertThat(kafka.events("models", ModelPublished.class))
                .extracting(ModelPublished::manifestSha256)
                .containsExactly(published.manifestSha256());
    }

    @Test
    void versionThatIsTakenFailsTheJob() throws Exception {
        // Given
        leaveModel("{\"model\":" + new String(Json.write(SHAPE), java.nio.charset.StandardCharsets.UTF_8) + "}");
        Files.createDirectories(root.resolve("artifacts").resolve(ID));

        // When
        boolean ended = runner.run(new Job(request(Optional.of(root.resolve("data.npy"))), 0, () -> {}));

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.FAILED);
        assertThat(ending().reasons().get(0)).contains("model nightly cannot be published");
    }

    @Test
    void unexpectedErrorFailsTheJob() throws Exception {
        // Given
        leaveModel("no JSON");

        // When
        boolean ended = runner.run(new Job(request(Optional.of(root.resolve("data.npy"))), 0, () -> {}));

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.FAILED);
        assertThat(ending().reasons().get(0)).contains("not a valid Summary");
    }

    @Test
    void failedJobLeavesOnlyItsLog() throws Exception {
        // Given
        Files.createDirectories(jobFolder.resolve("run"));
        Files.writeString(jobFolder.resolve("run/checkpoint"), "large");
        Files.writeString(jobFolder.resolve("log"), "what happened");

        // When
        boolean ended = runner.run(job());

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().reasons().get(0)).contains("there is no embedding in item-embeddings");
        try (var left = Files.list(jobFolder)) {
            assertThat(left).containsExactly(jobFolder.resolve("log"));
        }
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void processThatEndsWellWithoutAModelHasCrashed() throws Exception {
        // Given
        Path data = Files.createFile(root.resolve("data.npy"));
        Request.Train help = new Request.Train(ID, Optional.of(data), List.of("-h"));

        // When
        boolean ended = runner.run(new Job(help, 0, () -> {}));

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.FAILED);
        assertThat(ending().reasons())
                .containsExactly("the training process crashed " + TestConfig.MAX_CRASHES
                        + " times, the last time with exit code 0 but without a model");
        assertThat(Files.readString(jobFolder.resolve("log")).split("Usage: train", -1))
                .as("help texts, one per process")
                .hasSize(TestConfig.MAX_CRASHES + 1);
    }

    @Test
    void processThatCannotBeStartedHasCrashed() throws Exception {
        // Given
        Job job = jobThatCannotBeStarted();
        for (int i = 1; i < TestConfig.MAX_CRASHES; i++) {
            assertThatThrownBy(() -> runner.run(job)).isInstanceOf(IOException.class);
        }

        // When
        boolean ended = runner.run(job);

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.FAILED);
        assertThat(ending().reasons())
                .singleElement()
                .asString()
                .startsWith("the training process crashed " + TestConfig.MAX_CRASHES
                        + " times, the last time because it could not be started: Cannot run program");
    }

    @Test
    void cancelledJobWhoseProcessCannotBeStartedIsCancelled() throws Exception {
        // Given
        Job job = jobThatCannotBeStarted();
        job.stop(Stop.CANCELLED);

        // When
        boolean ended = runner.run(job);

        // Then
        assertThat(ended).isTrue();
        assertThat(ending().type()).isEqualTo(Type.CANCELLED);
    }

    private TrainingEvent ending() {
        List<TrainingEvent> events = kafka.events("training-events", TrainingEvent.class);
        assertThat(events).hasSize(1);
        return events.get(0);
    }

    private PublishedModel publish() throws Exception {
        Path file = Files.writeString(root.resolve("weights"), "weights");
        return new DirectoryArtifactStore(root.resolve("artifacts"))
                .publish(ID, SHAPE, null, Map.of("checkpoint.safetensors", file));
    }

    /** What a training process leaves that has ended well. */
    private void leaveModel(String summary) throws Exception {
        Path model = Files.createDirectories(jobFolder.resolve("run/model"));
        Files.writeString(model.resolve("model.json"), summary);
        for (String name : List.of("checkpoint.safetensors", "encoder.onnx", "decoder.onnx")) {
            Files.writeString(model.resolve(name), name);
        }
    }

    private Job jobThatCannotBeStarted() throws IOException {
        Path data = Files.createFile(root.resolve("data.npy"));
        String longerThanACommandLine = "x".repeat(5 << 20);
        return new Job(new Request.Train(ID, Optional.of(data), List.of(longerThanACommandLine)), 0, () -> {});
    }

    private static Job job() {
        return new Job(request(Optional.empty()), 0, () -> {});
    }

    private static Request.Train request(Optional<Path> data) {
        return new Request.Train(ID, data, List.of());
    }
}
