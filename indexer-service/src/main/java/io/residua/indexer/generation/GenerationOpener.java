package io.residua.indexer.generation;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.device.Device;
import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.ModelPublished;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.quantise.Codebooks;
import io.residua.common.topic.TopicOffsets;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.assign.AssignSettings;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.encode.EncodeCounts;
import io.residua.indexer.encode.EncodeModel;
import io.residua.indexer.encode.EncodeStage;
import io.residua.indexer.encode.EncoderBudget;
import io.residua.indexer.generation.GenerationState.Ready;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.GenerationTopics;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.streams.KafkaStreams;
import org.jboss.logging.Logger;

/** Opens generations: loads the model, creates or verifies the topics, then joins the consumer groups. */
final class GenerationOpener implements GenerationControl.Opener {
    private static final Logger LOG = Logger.getLogger(GenerationOpener.class);
    /** A model that has refused this many embeddings and accepted none is paused. */
    private static final long MAX_REFUSALS = 1_000;

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final KafkaClients clients;
    private final Admin admin;
    private final GenerationIdentities identities;
    private final Replica replica;
    private final IndexerMeters meters;
    private final ModelLoader models;

    /**
     * Properties of this process.
     *
     * @param store where models are
     * @param device where encoders run
     * @param encoders bounds how many encoders run at a time
     * @param instanceId tells this replica from others, the same after a restart
     */
    record Replica(ArtifactStore store, Device device, EncoderBudget encoders, String instanceId) {}

    GenerationOpener(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            Admin admin,
            GenerationIdentities identities,
            Replica replica,
            IndexerMeters meters) {
        this.config = config;
        this.topicNames = topicNames;
        this.clients = clients;
        this.admin = admin;
        this.identities = identities;
        this.replica = replica;
        this.meters = meters;
        this.models = new ModelLoader(config, replica.store(), replica.device());
    }

    @Override
    public Generation open(ModelPublished published, IndexStatus known) throws RefusedException {
        String version = published.modelVersion();
        GenerationTopics topics = GenerationTopics.of(config.applicationId(), version, topicNames);
        identities.requireUsable(version, topics);
        PublishedModel model = models.fetch(published);
        Codebooks codebooks = ModelLoader.codebooks(model);
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            OnnxEncoder encoder = keep(opened, models.encoder(model));
            IndexIdentity identity = identities.prepare(version, topics, AssignTopology.changelogs(topics));
            int partitions = identity.topic(topics.requests()).orElseThrow().partitions();
            claimLocalState(topics, identity);
            DeadLetters deadLetters = deadLetters(topics);
            KafkaSourceRecords sourceRecords =
                    keep(opened, KafkaSourceRecords.of(clients.settings(), topics.embeddings()));
            TopicOffsets offsets = TopicOffsets.of(admin);
            FloorCapture floor = keep(opened, new FloorCapture(offsets, clients::reader, topics));
            AssignSettings settings = new AssignSettings(
                    version,
                    codebooks,
                    partitions,
                    config.sinkhornEpsilon(),
                    config.resolveInterval(),
                    config.commitInterval(),
                    config.deleteMarkerRetention(),
                    floor::newest,
                    sourceRecords,
                    deadLetters,
                    meters);
            Ready ready = ready(known);
            BuildProgress progress =
                    ready != null ? null : keep(opened, BuildProgress.open(offsets, clients::reader, topics));
            ItemCountsReader itemCounts = keep(opened, new ItemCountsReader(clients.reader(), topics.counts()));
            KafkaStreams streams = keep(
                    opened,
                    AssignmentStreams.start(
                            clients.settings(),
                            topics,
                            settings,
                            config,
                            replica.instanceId(),
                            topicNames.replicationFactor(),
                            () -> meters.threadReplaced(version)));
            EncodeModel encoding = new EncodeModel(encoder, replica.encoders().share(), new EncodeCounts(MAX_REFUSALS));
            if (ready != null) {
                encoding.onReady();
            }
            EncodeStage encode = EncodeStage.start(
                    new EncodeStage.Clients(clients.connector(), clients.settings(), offsets, replica.instanceId()),
                    topics,
                    partitions,
                    encoding,
                    deadLetters,
                    meters);
            LOG.infof(
                    "generation opened version=%s dim=%d codebooks=%s device=%s",
                    version,
                    model.manifest().model().dim(),
                    model.manifest().model().codebookSizes(),
                    encoder.device());
            StreamsPipeline.Readers readers = new StreamsPipeline.Readers(sourceRecords, itemCounts, floor, progress);
            Pipeline pipeline = new StreamsPipeline(topics, encoder.device(), streams, encode, encoding, readers);
            return new Generation(version, topics, identity, pipeline, ready);
        } catch (RefusedException | RuntimeException | Error e) {
            opened.forEach(GenerationOpener::closeQuietly);
            throw e;
        }
    }

    private void claimLocalState(GenerationTopics topics, IndexIdentity identity) throws RefusedException {
        try {
            new LocalState(config.stateDir(), topics.application())
                    .claim(identity.topic(topics.codes()).orElseThrow().id(), Instant.now());
        } catch (IOException e) {
            throw RefusedException.here("state of " + topics.application() + " on disk: " + e.getMessage(), e);
        }
    }

    /** The state of a generation that was ready when it ran last; {@code null} if it was not, or is built anew. */
    private static Ready ready(IndexStatus known) {
        if (known == null || known.identity() == null) {
            return null;
        }
        Instant since = StatusRecords.history(known).readySince();
        return since == null ? null : new Ready(known.total(), since);
    }

    /** Dead letters limited to the present {@code max.message.bytes} of their topic. */
    private DeadLetters deadLetters(GenerationTopics topics) {
        int topicLimit = new Topics(admin, topicNames).maxMessageBytes(topics.deadLetters());
        int limit = (int) Math.min(topicLimit, StreamsSettings.maxProducerRecordBytes(clients.settings()));
        return new DeadLetters(topics.deadLetters(), limit, meters);
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
}
