package io.residua.indexer.generation;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStores;
import io.residua.common.device.Device;
import io.residua.common.inference.OnnxSessions;
import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.encode.EncoderBudget;
import io.residua.indexer.metrics.IndexerMeters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.rocksdb.RocksDB;

/**
 * Runs the control loop from application start to stop. While the broker is unreachable it retries and reports that to
 * the health checks.
 */
@ApplicationScoped
public class GenerationService {
    private static final Logger LOG = Logger.getLogger(GenerationService.class);
    private static final long RETRY_MILLIS = 1_000;
    private static final Duration RECONCILE_INTERVAL = Duration.ofMillis(500);
    private static final long STOP_TIMEOUT_SECONDS = 60;

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final KafkaClients clients;
    private final IndexerMeters meters;
    private final GenerationListener listener;
    private final String artifactsRoot;
    private final Device device;
    private final GenerationCommands commands = new GenerationCommands();
    private final Thread thread = new Thread(this::run, "generations");
    private GenerationFactory factory;
    private ReplicaFolder folder;
    private BrokerHeartbeat heartbeat;
    private GenerationHealth health;
    private volatile RunningGenerations running;
    private volatile boolean stopping;
    private volatile String startTrouble = "not connected yet";

    GenerationService(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            IndexerMeters meters,
            GenerationListener listener,
            @ConfigProperty(name = "residua.artifacts.root", defaultValue = ".residua/artifacts") String artifactsRoot,
            @ConfigProperty(name = "residua.device", defaultValue = "auto") String device) {
        this.config = config;
        this.topicNames = topicNames;
        this.clients = clients;
        this.meters = meters;
        this.listener = listener;
        this.artifactsRoot = artifactsRoot;
        this.device = Device.parse(device);
    }

    void start(@Observes StartupEvent event) {
        try {
            OnnxSessions.requireDevice(device);
            ArtifactStore store = ArtifactStores.open(artifactsRoot);
            folder = ReplicaFolder.open(config.stateDir());
            factory = new GenerationFactory(
                    config,
                    topicNames,
                    clients,
                    new GenerationOpener.Replica(
                            store, device, new EncoderBudget(config.encodeRuns()), folder.instanceId()),
                    meters,
                    listener);
            heartbeat = new BrokerHeartbeat(clients.heartbeatProbe(), System::nanoTime);
            health = new GenerationHealth(heartbeat);
            heartbeat.start();
            thread.start();
        } catch (IOException | IllegalArgumentException e) {
            LOG.errorf("not started: %s", e.getMessage());
            Quarkus.asyncExit(1);
        }
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException, IOException {
        stopping = true;
        thread.join(TimeUnit.SECONDS.toMillis(STOP_TIMEOUT_SECONDS));
        if (heartbeat != null) {
            heartbeat.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    /** The generations that run here, in the order they were opened in. */
    public List<GenerationView> generations() {
        return all().stream().map(GenerationView::of).toList();
    }

    /** Why this replica is not ready; empty if it is. */
    public Optional<String> trouble() {
        return health == null ? Optional.of(startTrouble) : health.trouble(startTrouble, expected(), all());
    }

    /** Why this process needs a restart; empty if it does not. */
    public Optional<String> failure() {
        return health == null ? Optional.empty() : health.failure(stopping || thread.isAlive(), all());
    }

    /** What can be expected of a version here; nothing is known before the broker has been asked. */
    public Availability availability(String version) {
        RunningGenerations current = running;
        return current == null ? Availability.NOT_READY : current.availability(version);
    }

    /**
     * Pins or unpins a generation.
     *
     * @return why not, if it is unknown
     * @throws IllegalStateException if this replica cannot do it now
     */
    public Optional<String> pin(String version, boolean pinned) {
        return commands.submit(control -> control.pin(version, pinned));
    }

    /**
     * Publishes a model again, which makes it the newest.
     *
     * @return why not, if it is unknown
     * @throws IllegalStateException if this replica cannot do it now
     */
    public Optional<String> rollBack(String version) {
        return commands.submit(control -> control.rollBack(version));
    }

    private String expected() {
        RunningGenerations current = running;
        return current == null ? null : current.expected();
    }

    private List<Generation> all() {
        RunningGenerations current = running;
        return current == null ? List.of() : current.all();
    }

    private void run() {
        // Unpacked now, not when the first model is waited for.
        RocksDB.loadLibrary();
        while (!stopping) {
            try (GenerationFactory.Started started = factory.start()) {
                running = started.control().running();
                startTrouble = null;
                loop(started.control());
            } catch (TopicException e) {
                onStartFailure(e);
                if (!e.isRetriable()) {
                    Quarkus.asyncExit(1);
                    return;
                }
            } catch (Exception e) {
                onStartFailure(e);
            } finally {
                running = null;
            }
        }
    }

    private void onStartFailure(Exception e) {
        startTrouble = e.getMessage();
        LOG.errorf("generations not started, trying again cause=%s", e.getMessage());
        pause();
    }

    private void loop(GenerationControl control) {
        long lastMaintenance = System.nanoTime();
        long lastReconciliation = lastMaintenance - RECONCILE_INTERVAL.toNanos();
        while (!stopping) {
            try {
                // A model is opened at once. Status records, of which this loop writes some, wait for the next turn.
                boolean modelCame = control.poll();
                commands.run(control);
                if (modelCame || System.nanoTime() - lastReconciliation >= RECONCILE_INTERVAL.toNanos()) {
                    lastReconciliation = System.nanoTime();
                    control.reconcileOnce();
                }
                if (System.nanoTime() - lastMaintenance
                        >= config.purgeInterval().toNanos()) {
                    lastMaintenance = System.nanoTime();
                    control.maintainTopics();
                }
            } catch (KafkaException e) {
                LOG.warnf("looking after the generations failed, trying again cause=%s", e.getMessage());
                pause();
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }
}
