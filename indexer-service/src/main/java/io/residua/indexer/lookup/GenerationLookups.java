package io.residua.indexer.lookup;

import io.residua.common.io.DurableFiles;
import io.residua.indexer.generation.GenerationListener.OpenedGeneration;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Keeps the read model of one generation up to date on a thread of its own, from construction to {@link #close}. While the
 * broker is away it keeps answering from what it has; a model that is damaged or outdated is built anew.
 */
final class GenerationLookups implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GenerationLookups.class);
    private static final long RETRY_MILLIS = 1_000;

    private final OpenedGeneration generation;
    private final Path folder;
    private final LookupEnvironment environment;
    private final ServedFiles files;
    private final Thread thread;
    private volatile ReadModel model;
    private volatile boolean current;
    private volatile boolean damaged;
    private volatile boolean stopping;
    private volatile long lag;

    /** Starts to follow a generation; its files are in {@code folder}. */
    GenerationLookups(OpenedGeneration generation, Path folder, LookupEnvironment environment) {
        this.generation = generation;
        this.folder = folder;
        this.environment = environment;
        this.files = new ServedFiles(folder, generation);
        this.thread = new Thread(this::run, "lookups-" + generation.modelVersion());
        thread.start();
    }

    OpenedGeneration generation() {
        return generation;
    }

    /** The files made of the model. */
    ServedFiles files() {
        return files;
    }

    /** Records that are not applied yet, as far as is known. */
    long lag() {
        return lag;
    }

    /** Items that have a code. */
    long items() {
        ReadModel open = model;
        return open == null ? 0 : open.position().items();
    }

    /**
     * Reads from the model.
     *
     * @throws NotServedException while it has not caught up with its topic
     */
    <T> T read(Function<ReadModel, T> lookup) {
        ReadModel open = model;
        if (open == null || !current) {
            throw new NotServedException("the codes of " + generation.modelVersion() + " are being read");
        }
        try {
            return lookup.apply(open);
        } catch (ReadModelException e) {
            damaged |= e.isCorrupt();
            LOG.errorf("look-up failed version=%s cause=%s", generation.modelVersion(), e.getMessage());
            throw new NotServedException("the codes of " + generation.modelVersion() + " cannot be read");
        }
    }

    private void run() {
        while (!stopping) {
            try {
                follow();
            } catch (OutdatedModelException e) {
                discard(e.getMessage());
            } catch (ReadModelException e) {
                if (e.isCorrupt()) {
                    discard(e.getMessage());
                } else {
                    retryLater(e);
                }
            } catch (RuntimeException | IOException e) {
                if (!stopping) {
                    retryLater(e);
                }
            }
        }
        closeModel();
    }

    private void follow() throws IOException {
        if (model == null) {
            model = open();
        }
        try (CodesFeed opened = new CodesFeed(model, generation, environment)) {
            while (!stopping) {
                opened.pollOnce();
                lag = opened.lag();
                if (!current && opened.isCurrent()) {
                    current = true;
                    LOG.infof("look-ups served version=%s items=%d", generation.modelVersion(), items());
                }
                if (damaged) {
                    throw new OutdatedModelException("its files are damaged");
                }
            }
        }
    }

    private ReadModel open() throws IOException {
        ReadModel.Source source =
                new ReadModel.Source(generation.codes().id(), generation.codes().partitions());
        ReadModel opened = ReadModel.open(
                database(), source, environment.memory(), environment.clock().instant());
        LOG.infof(
                "look-ups opened version=%s items=%d offsets=%s",
                generation.modelVersion(),
                opened.position().items(),
                opened.position().offsets());
        return opened;
    }

    private Path database() {
        return folder.resolve("rocksdb");
    }

    private void discard(String reason) {
        LOG.warnf("look-ups are built anew version=%s cause=%s", generation.modelVersion(), reason);
        closeModel();
        damaged = false;
        try {
            files.forget();
            DurableFiles.deleteFolder(database());
        } catch (IOException e) {
            retryLater(e);
        }
    }

    private void closeModel() {
        current = false;
        ReadModel open = model;
        model = null;
        if (open != null) {
            open.close();
        }
    }

    private void retryLater(Exception e) {
        LOG.warnf(
                "look-ups are not brought up to date, trying again version=%s cause=%s",
                generation.modelVersion(), e.getMessage());
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    /**
     * Stops following and keeps the files. Returns at once: the model closes when nobody reads from it any more, which
     * takes as long as a file is being made of it.
     */
    @Override
    public void close() {
        stopping = true;
        thread.interrupt();
    }

    /** Waits, at most so long, until the model is closed. Returns whether it is. */
    boolean awaitClosed(Duration timeout) throws InterruptedException {
        thread.join(Math.max(1, timeout.toMillis()));
        return isClosed();
    }

    /** Whether {@link #close} was called and nothing uses the files any more. */
    boolean isClosed() {
        return !thread.isAlive();
    }
}
