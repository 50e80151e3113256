package io.residua.evaluator.stream;

import io.residua.common.streams.RestoreFetches;
import io.residua.common.streams.SharedRocksMemory;
import io.residua.common.streams.ThreadReplacement;
import io.residua.evaluator.config.EvaluatorConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.jboss.logging.Logger;
import org.rocksdb.NativeLibraryLoader;

/**
 * The Streams client of one generation, with the application id {@code <application-id>-f2-<model version>}. Its replicas
 * share the work; each needs an instance id and a state folder of its own.
 */
public final class EvaluationStreams implements Evaluation {
    private static final Logger LOG = Logger.getLogger(EvaluationStreams.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    /** Version of internal topics and stores. Another one is another application, which reads the codes anew. */
    private static final String FORMAT = "f2";

    /** Few large requests: a commit sends everything at once anyway. */
    private static final int PRODUCER_BATCH_BYTES = 256 << 10;

    private static final ThreadReplacement.Limit REPLACEMENT_LIMIT =
            new ThreadReplacement.Limit(5, Duration.ofMinutes(10));

    private final String applicationId;
    private final Set<String> internalTopics;
    private final KafkaStreams streams;

    private EvaluationStreams(String applicationId, Set<String> internalTopics, KafkaStreams streams) {
        this.applicationId = applicationId;
        this.internalTopics = Set.copyOf(internalTopics);
        this.streams = streams;
    }

    /**
     * Starts evaluating; returns at once.
     *
     * @param instanceId tells this replica from others, the same after a restart
     * @param kafka settings that every Kafka client gets, {@code bootstrap.servers} among them
     * @param replicationFactor of the topics that the stages keep for themselves
     */
    public static Evaluation start(
            EvaluationTopology topology,
            EvaluatorConfig config,
            String instanceId,
            Map<String, Object> kafka,
            short replicationFactor) {
        String applicationId = config.applicationId() + "-" + FORMAT + "-" + topology.modelVersion();
        unpackRocksDb(config.stateDir());
        KafkaStreams streams = new KafkaStreams(
                topology.build(),
                new StreamsConfig(settings(applicationId, config, instanceId, kafka, replicationFactor)));
        streams.setUncaughtExceptionHandler(new ThreadReplacement(applicationId, REPLACEMENT_LIMIT, System::nanoTime));
        streams.setStateListener((now, before) ->
                LOG.debugf("stream client state application=%s before=%s now=%s", applicationId, before, now));
        streams.start();
        return new EvaluationStreams(applicationId, topology.internalTopics(applicationId), streams);
    }

    static Map<String, Object> settings(
            String applicationId,
            EvaluatorConfig config,
            String instanceId,
            Map<String, Object> kafka,
            short replicationFactor) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.CLIENT_ID_CONFIG, applicationId + "-" + instanceId);
        settings.put(
                StreamsConfig.STATE_DIR_CONFIG,
                config.stateDir().toAbsolutePath().toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) replicationFactor);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        settings.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedRocksMemory.class);
        settings.put(SharedRocksMemory.CACHE_BYTES_CONFIG, config.rocksdbCache().asLongValue());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), PRODUCER_BATCH_BYTES);
        RestoreFetches.limitWait(settings);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // A static member that comes back within the session takes its tasks again without a rebalance.
        settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instanceId);
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int)
                config.sessionTimeout().toMillis());
        return settings;
    }

    @Override
    public boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    @Override
    public boolean isFailed() {
        return streams.state() == KafkaStreams.State.PENDING_ERROR || streams.state() == KafkaStreams.State.ERROR;
    }

    @Override
    public String state() {
        return streams.state().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String applicationId() {
        return applicationId;
    }

    @Override
    public Set<String> internalTopics() {
        return internalTopics;
    }

    @Override
    public void close() {
        if (!streams.close(CLOSE_TIMEOUT)) {
            LOG.warnf("stream client not closed in time application=%s", applicationId);
        }
    }

    @Override
    public void retire() {
        streams.close(new KafkaStreams.CloseOptions().timeout(CLOSE_TIMEOUT).leaveGroup(true));
        streams.cleanUp();
    }

    /** RocksDB would unpack 14 MB into the system's temporary folder at every start and leave them there if killed. */
    private static synchronized void unpackRocksDb(Path stateDir) {
        try {
            Path folder = Files.createDirectories(stateDir.resolve("native"));
            NativeLibraryLoader.getInstance()
                    .loadLibrary(folder.toAbsolutePath().toString());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack RocksDB below " + stateDir, e);
        }
    }
}
