package io.residua.stack.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.ItemCode;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import io.residua.common.event.TrainingEvent;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Stands in for all three services: a model is nothing, an item's first code is its embedding's greatest element and its
 * second one a running number. Only the newest model is at work. What it holds outlives a tour.
 */
final class FakeServices implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(FakeServices.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(20);

    private final String bootstrapServers;
    private final TopicsConfig names =
            new SmallRyeConfigBuilder().withMapping(TopicsConfig.class).build().getConfigMapping(TopicsConfig.class);
    private final Map<String, ItemCode> codes = new HashMap<>();
    private final Thread thread = new Thread(this::work, "fake-services");
    private String modelVersion;
    private int dim;
    private int next;

    /** Whether training fails. */
    volatile boolean failTraining;
    /** Whether an item that arrives again gets its code written again, as no indexer may do. */
    volatile boolean repeatCodes;
    /** Dimensions of the models that are trained from now on. */
    volatile int modelDim;

    private volatile boolean closed;

    FakeServices(String bootstrapServers, int dim) {
        this.bootstrapServers = bootstrapServers;
        this.modelDim = dim;
        thread.start();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }

    private void work() {
        Clients clients = new Clients(bootstrapServers);
        try (Admin admin = clients.admin();
                Producer<byte[], byte[]> producer = clients.producer()) {
            Topics topics = new Topics(admin, names);
            topics.ensure(
                    TopicSpec.compacted(names.itemEmbeddings(), 2),
                    TopicSpec.log(names.trainingRequests(), 1),
                    TopicSpec.log(names.trainingEvents(), 1),
                    TopicSpec.compacted(names.models(), 1),
                    TopicSpec.compactedLog(names.indexMetrics(), 1));
            try (TopicReader requests = new TopicReader(clients, names.trainingRequests())) {
                Runnable train = () -> requests.poll(
                        POLL_TIMEOUT, request -> train(topics, producer, new String(request.key(), UTF_8)));
                while (!closed) {
                    if (modelVersion == null) {
                        train.run();
                    } else {
                        indexUntilReplaced(producer, train);
                    }
                }
            }
        }
    }

    private void indexUntilReplaced(Producer<byte[], byte[]> producer, Runnable train) {
        String version = modelVersion;
        codes.clear();
        next = 0;
        try (KafkaConsumer<byte[], byte[]> embeddings = embeddings("fake-" + version + "-encode")) {
            embeddings.subscribe(List.of(names.itemEmbeddings()));
            while (!closed && version.equals(modelVersion)) {
                index(embeddings, producer);
                train.run();
            }
        }
    }

    private void train(Topics topics, Producer<byte[], byte[]> producer, String id) {
        send(producer, names.trainingEvents(), id, event(id, TrainingEvent.Type.ACCEPTED, null));
        if (failTraining) {
            send(producer, names.trainingEvents(), id, event(id, TrainingEvent.Type.FAILED, null));
            return;
        }
        for (int epoch = 1; epoch <= 4; epoch++) {
            send(
                    producer,
                    names.trainingEvents(),
                    id,
                    event(id, TrainingEvent.Type.PROGRESS, new TrainingEvent.Progress(epoch, 4, 1, 1, null, 9, 1)));
        }
        modelVersion = id;
        dim = modelDim;
        topics.ensure(TopicSpec.compacted(names.itemCodes(id), 2));
        TrainingMetrics metrics = new TrainingMetrics(1, 4, 1, 1, 1, 0, List.of(1.0, 1.0), 0);
        ModelShape shape = new ModelShape(dim, List.of(4), 2, List.of(8, 256));
        ModelManifest manifest =
                new ModelManifest(ModelManifest.FORMAT, id, Instant.now(), shape, metrics, new TreeMap<>());
        ModelPublished model = new ModelPublished(id, id, "file:/nowhere", "0".repeat(64), manifest, Instant.now());
        send(producer, names.models(), id, model);
        send(producer, names.trainingEvents(), id, event(id, TrainingEvent.Type.SUCCEEDED, null));
    }

    private void index(KafkaConsumer<byte[], byte[]> embeddings, Producer<byte[], byte[]> producer) {
        var records = embeddings.poll(POLL_TIMEOUT);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String item = new String(record.key(), UTF_8);
            if (record.value() == null) {
                codes.remove(item);
                Clients.get(
                        "sending a tombstone",
                        producer.send(new ProducerRecord<>(names.itemCodes(modelVersion), record.key(), null)));
            } else if (repeatCodes || !codes.containsKey(item)) {
                give(item, record, producer);
            }
        }
        if (!records.isEmpty()) {
            send(producer, names.indexMetrics(), modelVersion, metrics());
            embeddings.commitSync();
        }
    }

    /** Gives the item its code; embeddings of other dimensions than the model's are refused. */
    private void give(String item, ConsumerRecord<byte[], byte[]> record, Producer<byte[], byte[]> producer) {
        try {
            if (!codes.containsKey(item)) {
                codes.put(item, code(item, record));
            }
            send(producer, names.itemCodes(modelVersion), item, codes.get(item));
        } catch (InvalidEmbeddingException e) {
            LOG.debugf("embedding refused item=%s reason=%s", item, e.getMessage());
        }
    }

    private ItemCode code(String item, ConsumerRecord<byte[], byte[]> record) throws InvalidEmbeddingException {
        float[] vector = new float[dim];
        EmbeddingFormat.decode(record.value(), record.headers(), dim, FloatBuffer.wrap(vector));
        int greatest = 0;
        for (int i = 1; i < dim; i++) {
            greatest = vector[i] > vector[greatest] ? i : greatest;
        }
        List<Integer> code = List.of(greatest, next++);
        return new ItemCode(
                item,
                modelVersion,
                code,
                SemanticIds.tokens(code),
                code,
                1,
                Resolution.NEAREST,
                0,
                0,
                1,
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                Instant.now());
    }

    private IndexMetrics metrics() {
        RecomputedMetrics recomputed = RecomputedMetrics.of(codes.values());
        return new IndexMetrics(
                modelVersion,
                recomputed.items(),
                recomputed.distinctCodes(),
                recomputed.rawCollisionRate(),
                1,
                new IndexMetrics.Resolved(recomputed.items(), 0, 0),
                recomputed.used().stream()
                        .map(used -> new IndexMetrics.Level(256, used, used / 256.0, 0, 1))
                        .toList(),
                0,
                0,
                Instant.now());
    }

    private static TrainingEvent event(String id, TrainingEvent.Type type, TrainingEvent.Progress progress) {
        List<String> reasons = type == TrainingEvent.Type.FAILED ? List.of("no space left on device") : List.of();
        return new TrainingEvent(id, type, Instant.now(), id, progress, reasons);
    }

    private static void send(Producer<byte[], byte[]> producer, String topic, String key, Object event) {
        Clients.get("sending to " + topic, producer.send(CloudEvents.record(topic, key, event, "/fake")));
    }

    private KafkaConsumer<byte[], byte[]> embeddings(String group) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }
}
