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
import io.residua.common.quantise.Codebooks;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.IndexerConfig;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.assign.AssignSettings;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.encode.EncodeStage;
import io.residua.indexer.encode.OnnxEncoder;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import java.io.IOException;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jboss.logging.Logger;

/**
 * Opens generations: verifies and loads the artifacts, creates and checks the topics, and only then lets this replica
 * join.
 */
final class GenerationOpener {
    private static final Logger LOG = Logger.getLogger(GenerationOpener.class);
    private static final int MOST_THREAD_REPLACEMENTS = 20;

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
        String sourceTopicId = sourceTopicId(topics, known);
        ensureTopics(topics);
        OnnxEncoder encoder = encoder(model);
        boolean ready = known != null && known.state() == IndexStatus.State.READY;
        KafkaSourceRecords sourceRecords = new KafkaSourceRecords(clients.settings(), topics.embeddings());
        Topology topology = AssignTopology.build(
                topics,
                new AssignSettings(
                        version,
                        codebooks,
                        config.sinkhornEpsilon(),
                        config.resolveInterval(),
                        config.deleteMarkerRetention(),
                        sourceRecords,
                        meters));
        KafkaStreams streams = start(topology, topics);
        EncodeStage encode =
                new EncodeStage(clients.connector(), clients.settings(), topics, instanceId, encoder, meters);
        LOG.infof(
                "generation opened version=%s dim=%d codebooks=%s device=%s",
                version,
                model.manifest().model().dim(),
                model.manifest().model().codebookSizes(),
                encoder.device());
        BuildProgress progress = ready ? null : new BuildProgress(admin, clients.reader(), topics);
        meters.encoderRunsOn(version, encoder.device());
        return new Generation(
                version, sourceTopicId, encoder.device(), topics, streams, encode, sourceRecords, progress);
    }

    private PublishedModel fetch(ModelPublished published) throws RefusedException {
        try {
            return store.fetch(published.modelVersion(), published.manifestSha256());
        } catch (IOException e) {
            throw new RefusedException("artifacts of " + published.modelVersion() + ": " + e.getMessage(), e);
        }
    }

    private static Codebooks codebooks(PublishedModel model) throws RefusedException {
        ModelShape shape = model.manifest().model();
        if (shape.levels() > SemanticIds.MAX_LEVELS) {
            throw new RefusedException(
                    "model has " + shape.levels() + " levels, expected at most " + SemanticIds.MAX_LEVELS);
        }
        for (int size : shape.codebookSizes()) {
            if (size > Codes.MAX_CODEBOOK_SIZE) {
                throw new RefusedException(
                        "a codebook has " + size + " entries, expected at most " + Codes.MAX_CODEBOOK_SIZE);
            }
        }
        try {
            return Codebooks.load(model.file(ModelManifest.CHECKPOINT));
        } catch (IOException | IllegalArgumentException e) {
            throw new RefusedException(ModelManifest.CHECKPOINT + ": " + e.getMessage(), e);
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
            throw new RefusedException(e.getMessage(), e);
        }
    }

    private String sourceTopicId(GenerationTopics topics, IndexStatus known) throws RefusedException {
        String id = await(admin.describeTopics(Set.of(topics.embeddings())).allTopicNames())
                .get(topics.embeddings())
                .topicId()
                .toString();
        if (known != null
                && known.sourceTopicId() != null
                && !known.sourceTopicId().equals(id)) {
            throw new RefusedException("topic " + topics.embeddings() + " was created anew (id " + id
                    + ", the index was built from " + known.sourceTopicId()
                    + "); to index it, train or publish a model under a new version");
        }
        return id;
    }

    private void ensureTopics(GenerationTopics topics) throws RefusedException {
        try {
            new Topics(admin, topicNames).ensure(topics.specs(topicNames.partitions()));
        } catch (KafkaException e) {
            throw new RefusedException(e.getMessage(), e);
        }
    }

    private KafkaStreams start(Topology topology, GenerationTopics topics) {
        KafkaStreams streams = new KafkaStreams(
                topology,
                StreamsSettings.of(clients.settings(), topics, config, instanceId, topicNames.replicationFactor()));
        int[] replacements = {0};
        streams.setUncaughtExceptionHandler(e -> {
            synchronized (replacements) {
                replacements[0]++;
                boolean goOn = replacements[0] <= MOST_THREAD_REPLACEMENTS;
                LOG.errorf(e, "assignment thread failed application=%s replaced=%b", topics.application(), goOn);
                return goOn
                        ? StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD
                        : StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
        });
        streams.start();
        return streams;
    }
}
