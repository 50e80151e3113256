package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.common.event.TrainingRequest;
import io.residua.common.event.TrainingRequest.Action;
import io.residua.common.event.TrainingRequest.Data;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.broker.LocalBroker;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service beside a real broker. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainerServiceIT {
    private static final String REQUESTS = "training-requests";
    private static final String EVENTS = "training-events";
    private static final int ITEMS = 2000;
    private static final int DIM = 24;
    private static final Map<String, Object> SMALL = Map.of(
            "epochs", 40,
            "batch_size", 128,
            "eval_step", 10,
            "layers", List.of(32, 16),
            "e_dim", 8,
            "num_emb_list", List.of(16, 16, 16),
            "lr_scheduler_type", "linear");
    /** Long enough to be killed twice. */
    private static final Map<String, Object> LONG = longer(150);
    /** Not to be waited for. */
    private static final Map<String, Object> ENDLESS = longer(100_000);

    @TempDir
    static Path folder;

    private LocalBroker broker;
    private TopicLog topics;
    private ServiceProcess service;

    @BeforeAll
    void start() throws Exception {
        broker = LocalBroker.start(folder.resolve("broker"), 0);
        topics = new TopicLog(broker.bootstrapServers());
        feed();
        writeMatrix(folder.resolve("data/items.npy"));
        service = ServiceProcess.start(broker.bootstrapServers(), folder);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new Topics(admin, names()).ensure(TopicSpec.log(REQUESTS, 4), TopicSpec.log(EVENTS, 4));
        }
    }

    @AfterAll
    void stop() throws Exception {
        service.close();
        topics.close();
        broker.close();
    }

    @Test
    void snapshotIsTrainedAndPublished() throws Exception {
        // Given
        String id = "nightly";

        // When
        topics.send(REQUESTS, id, TrainingRequest.fromSnapshot(SMALL, "test"));
        TrainingEvent succeeded = topics.await(
                EVENTS, id, TrainingEvent.class, event -> event.type().terminal());

        // Then
        assertThat(succeeded.reasons()).isEmpty();
        assertThat(succeeded.type()).isEqualTo(Type.SUCCEEDED);
        assertThat(types(id)).startsWith(Type.ACCEPTED).contains(Type.PROGRESS).endsWith(Type.SUCCEEDED);
        List<ModelPublished> models = topics.events("models", id, ModelPublished.class);
        assertThat(models).hasSize(1);
        ModelPublished model = models.get(0);
        // The deleted item, the bad record and the older embedding are not among the rows.
        assertThat(model.manifest().training().rows()).isEqualTo(ITEMS - 1);
        assertThat(model.manifest().model().dim()).isEqualTo(DIM);
        assertThat(model.manifest().training().relativeReconstructionError()).isLessThan(0.5);
        PublishedModel published =
                new DirectoryArtifactStore(folder.resolve("artifacts")).fetch(id, model.manifestSha256());
        assertThat(codes(published.file(ModelManifest.ENCODER), row(7))).hasSize(3);
        assertThat(folder.resolve("artifacts/jobs/nightly")).doesNotExist();
    }

    @Test
    void serviceIsReadyAndSaysWhatItRunsOn() throws Exception {
        // Given
        URI address = service.address();

        // When
        HttpResponse<String> health = get(address.resolve("/q/health/ready"));
        HttpResponse<String> metrics = get(address.resolve("/q/metrics"));

        // Then
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"device\": \"cpu\"");
        assertThat(metrics.body()).contains("residua_trainer_jobs_waiting", "residua_trainer_epoch");
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void badRequestIsRejectedWithAllReasons() throws Exception {
        // Given
        String id = "Bad Request";
        Map<String, Object> parameters = Map.of("epochs", "many", "no_such_option", 1, "bn", "perhaps");

        // When
        topics.send(REQUESTS, id, new TrainingRequest(Action.TRAIN, Data.npy("../secret.npy"), parameters, null));
        TrainingEvent rejected = topics.await(
                EVENTS, id, TrainingEvent.class, event -> event.type().terminal());

        // Then
        assertThat(rejected.type()).isEqualTo(Type.REJECTED);
        assertThat(rejected.reasons()).hasSize(4);
        assertThat(String.join(" ", rejected.reasons()))
                .contains("epochs", "no_such_option", "perhaps", "outside the data root");
    }

    @Test
    void runningJobIsCancelled() throws Exception {
        // Given
        String id = "unwanted";
        topics.send(REQUESTS, id, new TrainingRequest(Action.TRAIN, Data.npy("items.npy"), ENDLESS, null));
        topics.await(EVENTS, id, TrainingEvent.class, event -> event.type() == Type.PROGRESS);

        // When
        topics.send(REQUESTS, id, new TrainingRequest(Action.CANCEL, null, null, null));
        TrainingEvent ended = topics.await(
                EVENTS, id, TrainingEvent.class, event -> event.type().terminal());

        // Then
        assertThat(ended.type()).isEqualTo(Type.CANCELLED);
        assertThat(topics.events("models", id, ModelPublished.class)).isEmpty();
    }

    @Test
    @Tag("long")
    void jobWhoseProcessAndServiceAreKilledGoesOnAndEndsOnce() throws Exception {
        // Given
        String id = "survivor";
        topics.send(REQUESTS, id, new TrainingRequest(Action.TRAIN, Data.npy("items.npy"), LONG, null));
        topics.await(
                EVENTS,
                id,
                TrainingEvent.class,
                event -> event.type() == Type.PROGRESS && event.progress().epoch() >= 10);

        // When
        service.child().orElseThrow().destroyForcibly();
        int resumed = epochAfter(id);
        service.kill();
        service = ServiceProcess.start(broker.bootstrapServers(), folder);
        TrainingEvent ended = topics.await(
                EVENTS, id, TrainingEvent.class, event -> event.type().terminal());

        // Then
        assertThat(ended.type()).isEqualTo(Type.SUCCEEDED);
        assertThat(resumed).isGreaterThanOrEqualTo(5);
        assertThat(types(id)).filteredOn(Type::terminal).hasSize(1);
        assertThat(types(id)).filteredOn(type -> type == Type.ACCEPTED).hasSize(1);
        assertThat(topics.events("models", id, ModelPublished.class)).hasSize(1);
        topics.send(REQUESTS, id, new TrainingRequest(Action.TRAIN, Data.npy("items.npy"), LONG, null));
        topics.send(REQUESTS, "after", new TrainingRequest(Action.CANCEL, null, null, null));
        topics.await(EVENTS, "after", TrainingEvent.class, event -> event.type() == Type.REJECTED);
        assertThat(topics.events("models", id, ModelPublished.class)).hasSize(1);
    }

    /** The epoch of the first progress that a new process of the job reports. */
    @Test
    @Tag("long")
    void replicasShareTheQueueAndOneTakesOverFromAnother() throws Exception {
        // Given
        List<String> ids = IntStream.range(0, 6).mapToObj(i -> "queue-" + i).toList();
        for (String id : ids) {
            topics.send(REQUESTS, id, new TrainingRequest(Action.TRAIN, Data.npy("items.npy"), longer(80), null));
        }
        topics.await(EVENTS, ids.get(0), TrainingEvent.class, event -> event.type() == Type.ACCEPTED);

        // When
        try (ServiceProcess second = ServiceProcess.start(broker.bootstrapServers(), folder, "second")) {
            awaitJobs(service, second);
            second.kill();
        }

        // Then
        for (String id : ids) {
            TrainingEvent ended = topics.await(
                    EVENTS, id, TrainingEvent.class, event -> event.type().terminal());
            assertThat(ended.type()).as("%s: %s", id, ended.reasons()).isEqualTo(Type.SUCCEEDED);
        }
        for (String id : ids) {
            assertThat(types(id)).filteredOn(Type::terminal).as(id).hasSize(1);
            assertThat(topics.events("models", id, ModelPublished.class)).as(id).hasSize(1);
        }
    }

    private static void awaitJobs(ServiceProcess... services) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!Stream.of(services).allMatch(each -> each.child().isPresent())) {
            assertThat(System.nanoTime()).as("every replica runs a job").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private int epochAfter(String id) throws InterruptedException {
        int before = topics.events(EVENTS, id, TrainingEvent.class).size();
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < deadline) {
            List<TrainingEvent> events = topics.events(EVENTS, id, TrainingEvent.class);
            if (events.size() > before + 1) {
                TrainingEvent newest = events.get(events.size() - 1);
                assertThat(newest.type()).isEqualTo(Type.PROGRESS);
                return newest.progress().epoch();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("the job did not go on");
    }

    private static Map<String, Object> longer(int epochs) {
        return Map.of(
                "epochs",
                epochs,
                "batch_size",
                128,
                "eval_step",
                5,
                "layers",
                List.of(64, 32),
                "e_dim",
                8,
                "num_emb_list",
                List.of(16, 16));
    }

    private List<Type> types(String id) {
        return topics.events(EVENTS, id, TrainingEvent.class).stream()
                .map(TrainingEvent::type)
                .toList();
    }

    private void feed() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new Topics(admin, names()).ensureInput(TopicSpec.compacted("item-embeddings", 4));
        }
        topics.send("item-embeddings", "item-0", new byte[] {1, 2, 3, 4}, raw());
        for (int i = 0; i < ITEMS; i++) {
            if (i % 2 == 0) {
                topics.send("item-embeddings", "item-" + i, EmbeddingFormat.encodeRaw(row(i)), raw());
            } else {
                topics.send("item-embeddings", "item-" + i, EmbeddingFormat.encodeJson(row(i)), json());
            }
        }
        topics.send("item-embeddings", "item-5", EmbeddingFormat.encodeRaw(row(ITEMS + 5)), raw());
        topics.send("item-embeddings", "item-6", null, json());
        topics.send("item-embeddings", "item-new", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8), json());
        topics.flush();
    }

    private static org.apache.kafka.common.header.Headers raw() {
        return CloudEvents.headers("io.residua.embedding", "/test", CloudEvents.OCTET_STREAM);
    }

    private static org.apache.kafka.common.header.Headers json() {
        return CloudEvents.headers("io.residua.embedding", "/test", CloudEvents.JSON);
    }

    private static void writeMatrix(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, DIM)) {
            for (int i = 0; i < ITEMS; i++) {
                writer.writeRow(row(i), 0);
            }
            writer.commit();
        }
    }

    /** Items around 40 centres. */
    private static float[] row(int item) {
        java.util.SplittableRandom centre = new java.util.SplittableRandom(item % 40);
        java.util.SplittableRandom noise = new java.util.SplittableRandom(1000L + item);
        float[] row = new float[DIM];
        for (int i = 0; i < DIM; i++) {
            row[i] = (float) (centre.nextDouble(-1, 1) + 0.2 * noise.nextDouble(-1, 1));
        }
        return row;
    }

    private static long[] codes(Path encoder, float[] row) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(encoder.toString());
                OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(row), new long[] {1, row.length});
                OrtSession.Result result = session.run(Map.of(OnnxNames.EMBEDDING, input))) {
            return ((long[][]) result.get(OnnxNames.CODES).orElseThrow().getValue())[0];
        }
    }

    private static TopicsConfig names() {
        return new SmallRyeConfigBuilder()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
    }
}
