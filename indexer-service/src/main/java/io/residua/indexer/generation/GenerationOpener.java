package io.residua.indexer.generation;

import static io.residua.indexer.generation.KafkaClients.await;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.ModelManifest;
import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.SemanticIds;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.quantise.Codebooks;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.IndexerConfig;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.assign.AssignSettings;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.encode.EncodeStage;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jboss.logging.Logger;

/**
 * Opens generations: verifies and loads the artifacts, creates and checks the topics, and only then lets this replica
 * join.
 */
final class GenerationOpener {
    private static final Logger LOG = Logger.getLogger(GenerationOpener.class);

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final KafkaClients clients;
    private final Admin admin;
    private final ArtifactStore store;
    private final Device device;
    private final String instanceId;
    private final IndexerMeters meters;

    GenerationOpener(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            Admin admin,
            ArtifactStore store,
            Device device,
            String instanceId,
            IndexerMeters meters) {
        this.config = config;
        this.topicNames = topicNames;
        this.clients = clients;
        this.admin = admin;
        this.store = store;
        this.device = device;
        this.instanceId = instanceId;
        this.meters = meters;
    }

    /**
     * Starts the generation of a published model.
     *
     * @param known what {@code index-status} says of it, {@code null} if nothing
     * @throws RefusedException if the model or the topics are not usable
     */
    Generation open(ModelPublished published, IndexStatus known) throws RefusedException {
        String version = published.modelVersion();
        GenerationTopics topics = GenerationTopics.of(config.applicationId(), version, topicNames);
        PublishedModel model = fetch(published);
        Codebooks codebooks = codebooks(model);
        String sourceTopicId = sourceTopicId(topics, known == null ? null : known.sourceTopicId());
        DeadLetters deadLetters = ensureTopics(topics);
        boolean ready = known != null && known.state() == IndexStatus.State.READY;
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            OnnxEncoder encoder = keep(opened, encoder(model));
            BuildProgress progress = ready ? null : keep(opened, new BuildProgress(admin, clients.reader(), topics));
            KafkaSourceRecords sourceRecords =
                    keep(opened, new KafkaSourceRecords(clients.settings(), topics.embeddings()));
            FloorCapture floor = keep(opened, new FloorCapture(admin, clients::reader, topics));
            KafkaStreams streams = keep(
                    opened,
                    start(
                            topology(topics, version, codebooks, floor, sourceRecords, deadLetters),
                            topics,
                            deadLetters));
            EncodeStage encode = new EncodeStage(
                    clients.connector(),
                    clients.settings(),
                    topics,
                    topicNames.partitions(),
                    instanceId,
                    encoder,
                    deadLetters,
                    meters);
            LOG.infof(
                    "generation opened version=%s dim=%d codebooks=%s device=%s",
                    version,
                    model.manifest().model().dim(),
                    model.manifest().model().codebookSizes(),
                    encoder.device());
            meters.encoderRunsOn(version, encoder.device());
            return new Generation(
                    version, sourceTopicId, encoder.device(), topics, streams, encode, sourceRecords, floor, progress);
        } catch (RefusedException | RuntimeException e) {
            opened.forEach(GenerationOpener::closeQuietly);
            throw e;
        }
    }

    /** Fails if the embeddings topic is not the one the generation was built from. */
    void requireSameSource(Generation generation) throws RefusedException {
        sourceTopicId(generation.topics(), generation.sourceTopicId());
    }

    private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> opened, T resource) {
        opened.push(resource);
        return resource;
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warnf(e, "closing after a failed opening failed too");
        }
    }

    private Topology topology(
            GenerationTopics topics,
            String version,
            Codebooks codebooks,
            FloorCapture floor,
            KafkaSourceRecords sourceRecords,
            DeadLetters deadLetters) {
        return AssignTopology.build(
                topics,
                new AssignSettings(
                        version,
                        codebooks,
                        topicNames.partitions(),
                        config.sinkhornEpsilon(),
                        config.resolveInterval(),
                        config.deleteMarkerRetention(),
                        floor::newest,
                        sourceRecords,
                        deadLetters,
                        meters));
    }

    private PublishedModel fetch(ModelPublished published) throws RefusedException {
        try {
            return store.fetch(published.modelVersion(), published.manifestSha256());
        } catch (IOException e) {
            throw RefusedException.here("artifacts of " + published.modelVersion() + ": " + e.getMessage(), e);
        }
    }

    private static Codebooks codebooks(PublishedModel model) throws RefusedException {
        ModelShape shape = model.manifest().model();
        if (shape.levels() > SemanticIds.MAX_LEVELS) {
            throw RefusedException.forAll(
                    "model has " + shape.levels() + " levels, expected at most " + SemanticIds.MAX_LEVELS);
        }
        for (int size : shape.codebookSizes()) {
            if (size > Codes.MAX_CODEBOOK_SIZE) {
                throw RefusedException.forAll(
                        "a codebook has " + size + " entries, expected at most " + Codes.MAX_CODEBOOK_SIZE);
            }
        }
        try {
            Codebooks codebooks = Codebooks.load(model.file(ModelManifest.CHECKPOINT));
            requireShape(codebooks, shape);
            return codebooks;
        } catch (IOException | IllegalArgumentException e) {
            throw RefusedException.here(ModelManifest.CHECKPOINT + ": " + e.getMessage(), e);
        }
    }

    private static void requireShape(Codebooks codebooks, ModelShape shape) throws RefusedException {
        List<Integer> sizes =
                IntStream.range(0, codebooks.levels()).mapToObj(codebooks::size).toList();
        if (codebooks.eDim() != shape.eDim() || !sizes.equals(shape.codebookSizes())) {
            throw RefusedException.forAll("codebooks of " + sizes + " entries of " + codebooks.eDim()
                    + " floats do not fit the manifest, expected " + shape.codebookSizes() + " of " + shape.eDim());
        }
    }

    private OnnxEncoder encoder(PublishedModel model) throws RefusedException {
        try {
            return OnnxEncoder.open(
                    model.file(ModelManifest.ENCODER),
                    model.manifest().model(),
                    device,
                    config.encodeThreads(),
                    config.batchSize());
        } catch (IOException e) {
            throw RefusedException.here(e.getMessage(), e);
        }
    }

    private String sourceTopicId(GenerationTopics topics, String expected) throws RefusedException {
        String id = await(admin.describeTopics(Set.of(topics.embeddings())).allTopicNames())
                .get(topics.embeddings())
                .topicId()
                .toString();
        if (expected != null && !expected.equals(id)) {
            throw RefusedException.forAll("topic " + topics.embeddings() + " was created anew (id " + id
                    + ", the index was built from " + expected
                    + "); to index it, train or publish a model under a new version");
        }
        return id;
    }

    /** Returns the dead letters, which are as large as the topic takes them now. */
    private DeadLetters ensureTopics(GenerationTopics topics) throws RefusedException {
        try {
            Topics existing = new Topics(admin, topicNames);
            existing.ensure(topics.specs(topicNames.partitions()));
            int topicLimit = existing.maxMessageBytes(topics.deadLetters());
            int limit = (int) Math.min(topicLimit, StreamsSettings.maxProducerRecordBytes(clients.settings()));
            return new DeadLetters(topics.deadLetters(), limit, meters);
        } catch (TopicException e) {
            if (e.mayPass()) {
                throw e;
            }
            throw RefusedException.here(e.getMessage(), e);
        }
    }

    private KafkaStreams start(Topology topology, GenerationTopics topics, DeadLetters deadLetters) {
        Properties settings =
                StreamsSettings.of(clients.settings(), topics, config, instanceId, topicNames.replicationFactor());
        StreamsSettings.limitBatches(settings, deadLetters.maxMessageBytes());
        KafkaStreams streams = new KafkaStreams(topology, settings);
        ThreadReplacement replacement = new ThreadReplacement();
        streams.setUncaughtExceptionHandler(e -> {
            boolean goOn = replacement.isAllowed(System.nanoTime());
            LOG.errorf(e, "assignment thread failed application=%s replaced=%b", topics.application(), goOn);
            return goOn ? StreamThreadExceptionResponse.REPLACE_THREAD : StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        return streams;
    }
}
