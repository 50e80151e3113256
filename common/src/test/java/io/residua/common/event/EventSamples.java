package io.residua.common.event;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexMetrics.Level;
import io.residua.common.event.IndexMetrics.Resolved;
import io.residua.common.event.ModelManifest.ArtifactFile;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.TrainingEvent.Progress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Events of every kind; those of {@link #stored()} equal the JSON files in the test resources. */
final class EventSamples {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final String SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private EventSamples() {}

    /** One event per kind, by the name of its schema and of its stored file. */
    static Map<String, Object> stored() {
        Map<String, Object> events = new LinkedHashMap<>();
        events.put("item-code", itemCode());
        events.put("training-request", trainingRequest());
        events.put("training-event", progress());
        events.put("model-manifest", manifest());
        events.put("model-published", published());
        events.put("index-status", identified());
        events.put("index-metrics", metrics());
        return events;
    }

    /** Further events of those kinds: every enum constant, absent members, empty lists. */
    static List<Map.Entry<String, Object>> others() {
        return List.of(
                Map.entry("training-request", new TrainingRequest(TrainingRequest.Action.CANCEL, null, null, null)),
                Map.entry("training-request", TrainingRequest.fromSnapshot(Map.of("epochs", 5), "collisions rose")),
                Map.entry("training-event", event(TrainingEvent.Type.ACCEPTED, "v1")),
                Map.entry("training-event", event(TrainingEvent.Type.SUCCEEDED, "v1")),
                Map.entry("training-event", event(TrainingEvent.Type.FAILED, "v1", "loss is NaN at step 7")),
                Map.entry("training-event", event(TrainingEvent.Type.REJECTED, null, "epochs is 0", "no data")),
                Map.entry("training-event", event(TrainingEvent.Type.CANCELLED, "v1")),
                Map.entry("model-published", new ModelPublished("v1", null, "file:///m/v1/", SHA256, manifest(), TIME)),
                Map.entry("index-status", status(IndexStatus.State.BUILDING, null)),
                Map.entry("index-status", status(IndexStatus.State.READY, null)),
                Map.entry("index-status", status(IndexStatus.State.RETIRED, null)),
                Map.entry("index-status", status(IndexStatus.State.REFUSED, "encoder.onnx is missing")),
                Map.entry("index-metrics", emptyMetrics()));
    }

    private static ItemCode itemCode() {
        List<Integer> codes = List.of(151, 51, 57);
        return new ItemCode(
                "4711",
                "v1",
                codes,
                SemanticIds.tokens(codes),
                List.of(151, 51, 56),
                42,
                Resolution.SINKHORN,
                0.5,
                0.25,
                3.75,
                2,
                1L << 40,
                TIME.minusSeconds(1),
                TIME);
    }

    private static TrainingRequest trainingRequest() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("epochs", 200);
        parameters.put("lr", 0.001);
        parameters.put("bn", false);
        parameters.put("learner", "AdamW");
        parameters.put("num_emb_list", List.of(256, 256, 256, 256));
        return new TrainingRequest(
                TrainingRequest.Action.TRAIN, TrainingRequest.Data.npy("office.npy"), parameters, "by hand");
    }

    private static TrainingEvent progress() {
        Progress progress = new Progress(10, 200, 0.5, 0.25, 0.125, 12345.5, 60);
        return new TrainingEvent("request-1", TrainingEvent.Type.PROGRESS, TIME, "v1", progress, List.of());
    }

    private static TrainingEvent event(TrainingEvent.Type type, String modelVersion, String... reasons) {
        return new TrainingEvent("request-1", type, TIME, modelVersion, null, List.of(reasons));
    }

    private static ModelManifest manifest() {
        return new ModelManifest(
                ModelManifest.FORMAT,
                "v1",
                TIME,
                new ModelShape(384, List.of(512, 128), 32, List.of(256, 256, 256)),
                new TrainingMetrics(5000, 200, 0.5, 0.25, 0.375, 0.0125, List.of(1.0, 1.0, 0.75), 0.125),
                new TreeMap<>(Map.of(
                        ModelManifest.ENCODER, new ArtifactFile(1L << 33, SHA256),
                        ModelManifest.DECODER, new ArtifactFile(0, SHA256))));
    }

    private static ModelPublished published() {
        return new ModelPublished("v1", "request-1", "file:///models/v1/", SHA256, manifest(), TIME);
    }

    private static IndexStatus status(IndexStatus.State state, String reason) {
        return new IndexStatus("v1", state, "item-codes-v1", "Zm9vYmFyYmF6cXV4MTIzNA", 100, 5000, reason, TIME);
    }

    private static IndexStatus identified() {
        IndexIdentity identity = new IndexIdentity(
                2,
                "residua-indexer",
                new TopicIdentity("item-embeddings", "Zm9vYmFyYmF6cXV4MTIzNA", 4),
                List.of("residua-indexer-f2-v1", "residua-indexer-f2-v1-encode"),
                List.of(
                        new TopicIdentity("item-codes-v1", "YmFyYmF6cXV4MTIzNGZvbw", 4),
                        new TopicIdentity("residua-indexer-f2-v1-items-changelog", null, 0)));
        return new IndexStatus(
                "v1",
                IndexStatus.State.BUILDING,
                "item-codes-v1",
                "Zm9vYmFyYmF6cXV4MTIzNA",
                100,
                5000,
                null,
                TIME,
                identity,
                new IndexStatus.Items(90, 2),
                new IndexStatus.History(null, null, null, TIME),
                true);
    }

    private static IndexMetrics metrics() {
        List<Level> levels = List.of(new Level(256, 128, 0.5, 4.5, 90.0), new Level(256, 256, 1, 5.5, 244.5));
        return new IndexMetrics("v1", 5000, 5000, 0.0125, 7, new Resolved(4900, 99, 1), levels, 0.5, 0.25, TIME);
    }

    private static IndexMetrics emptyMetrics() {
        return new IndexMetrics("v1", 0, 0, 0, 0, new Resolved(0, 0, 0), List.of(), 0, 0, TIME);
    }
}
