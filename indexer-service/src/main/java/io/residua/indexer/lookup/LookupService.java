package io.residua.indexer.lookup;

import io.residua.common.io.DurableFiles;
import io.residua.common.streams.SharedRocksMemory;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.generation.GenerationListener;
import io.residua.indexer.generation.KafkaClients;
import io.residua.indexer.metrics.IndexerMeters;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** The read models of this replica: one per generation that runs here, each in a folder of its own. */
@ApplicationScoped
public class LookupService implements GenerationListener {
    private static final Logger LOG = Logger.getLogger(LookupService.class);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final Path folder;
    private final LookupEnvironment environment;
    private final IndexerMeters meters;
    private final Map<String, GenerationLookups> open = new ConcurrentHashMap<>();
    /** Models that were told to close and may still be read. */
    private final Set<GenerationLookups> closing = ConcurrentHashMap.newKeySet();

    LookupService(IndexerConfig config, KafkaClients clients, IndexerMeters meters) {
        this.folder = config.stateDir().resolve("lookups");
        this.environment = new LookupEnvironment(
                clients::copyReader,
                clients::tombstoneRetention,
                options -> SharedRocksMemory.share(config.stateCacheBytes(), options),
                meters::codeSkipped,
                Clock.systemUTC());
        this.meters = meters;
    }

    @Override
    public void onOpened(OpenedGeneration generation) {
        String version = generation.modelVersion();
        GenerationLookups lookups = new GenerationLookups(generation, folder.resolve(version), environment);
        open.put(version, lookups);
        meters.lookupsOpened(version, lookups::lag, lookups::items);
    }

    @Override
    public void onClosed(String modelVersion) {
        GenerationLookups lookups = open.remove(modelVersion);
        if (lookups != null) {
            lookups.close();
            closing.removeIf(GenerationLookups::isClosed);
            closing.add(lookups);
        }
    }

    @Override
    public void onRetired(String modelVersion) {
        Path retired = folder.resolve(modelVersion);
        closing.removeIf(GenerationLookups::isClosed);
        boolean isRead = closing.stream()
                .anyMatch(lookups -> lookups.generation().modelVersion().equals(modelVersion));
        if (isRead || !Files.exists(retired)) {
            return;
        }
        try {
            DurableFiles.deleteFolder(retired);
            LOG.infof("look-ups deleted version=%s", modelVersion);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets models that are being closed finish: a process must not end in the middle of RocksDB's work. */
    @PreDestroy
    void awaitClosed() throws InterruptedException {
        for (GenerationLookups lookups : closing) {
            if (!lookups.awaitClosed(STOP_TIMEOUT)) {
                LOG.warnf(
                        "look-ups still read from version=%s",
                        lookups.generation().modelVersion());
            }
        }
    }

    /**
     * A generation that runs here.
     *
     * @throws NotServedException if it is not open yet
     */
    GenerationLookups of(String modelVersion) {
        GenerationLookups lookups = open.get(modelVersion);
        if (lookups == null) {
            throw new NotServedException("the index of " + modelVersion + " is being opened");
        }
        return lookups;
    }
}
