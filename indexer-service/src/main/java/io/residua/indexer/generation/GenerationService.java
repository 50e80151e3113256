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
import io.residua.indexer.IndexerConfig;
import io.residua.indexer.IndexerMeters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Runs the generations of this replica from start to stop. When the broker is away it keeps trying, and tells health
 * checks so.
 */
@ApplicationScoped
public class GenerationService {
    private static final Logger LOG = Logger.getLogger(GenerationService.class);
    private static final long RETRY_MILLIS = 1_000;

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final KafkaClients clients;
    private final IndexerMeters meters;
    private final String artifactsRoot;
    private final Device device;
    private final Thread thread = new Thread(this::run, "generations");
    private ArtifactStore store;
    private ReplicaFolder folder;
    private volatile GenerationControl control;
    private volatile boolean stopping;
    private volatile String trouble = "not connected yet";

    GenerationService(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            IndexerMeters meters,
            @ConfigProperty(name = "residua.artifacts.root", defaultValue = ".residua/artifacts") String artifactsRoot,
            @ConfigProperty(name = "residua.device", defaultValue = "auto") String device) {
        this.config = config;
        this.topicNames = topicNames;
        this.clients = clients;
        this.meters = meters;
        this.artifactsRoot = artifactsRoot;
        this.device = Device.parse(device);
    }

    void start(@Observes StartupEvent event) {
        try {
            OnnxSessions.requireDevice(device);
            store = ArtifactStores.open(artifactsRoot);
            folder = ReplicaFolder.open(config.stateDir());
            thread.start();
        } catch (IOException | IllegalArgumentException e) {
            LOG.errorf("not started: %s", e.getMessage());
            Quarkus.asyncExit(1);
        }
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException, IOException {
        stopping = true;
        thread.join(TimeUnit.SECONDS.toMillis(60));
        if (folder != null) {
            folder.close();
        }
    }

    /** The generations that run here, oldest first. */
    public List<GenerationView> generations() {
        GenerationControl current = control;
        return current == null
                ? List.of()
                : current.generations().stream().map(GenerationView::of).toList();
    }

    /** Why this replica cannot answer now; {@code null} if it can. */
    public String trouble() {
        return trouble;
    }

    /** Why this process will not recover by itself; {@code null} if nothing says so. */
    public String failure() {
        if (!stopping && !thread.isAlive()) {
            return "the generations' thread has ended";
        }
        GenerationControl current = control;
        return current == null
                ? null
                : current.generations().stream()
                        .map(Generation::failure)
                        .filter(failure -> failure != null)
                        .findFirst()
                        .orElse(null);
    }

    private void run() {
        while (!stopping) {
            try (GenerationControl current = newControl()) {
                current.start();
                control = current;
                while (!stopping) {
                    turn(current);
                }
            } catch (KafkaException e) {
                trouble = e.getMessage();
                if (e instanceof TopicException topics && !topics.mayPass()) {
                    LOG.errorf("not started: %s", e.getMessage());
                    Quarkus.asyncExit(1);
                    return;
                }
                LOG.errorf("generations not started, trying again cause=%s", e.getMessage());
                pause();
            } finally {
                control = null;
            }
        }
    }

    private GenerationControl newControl() {
        return new GenerationControl(config, topicNames, clients, store, device, folder.instanceId(), meters);
    }

    /** A turn that fails is repeated: the pipelines go on meanwhile. */
    private void turn(GenerationControl current) {
        try {
            current.turn();
            trouble = current.generations().stream().allMatch(Generation::isServing)
                    ? null
                    : "a generation is connecting or restoring its state";
        } catch (KafkaException e) {
            trouble = e.getMessage();
            LOG.warnf("looking after the generations failed, trying again cause=%s", e.getMessage());
            pause();
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
