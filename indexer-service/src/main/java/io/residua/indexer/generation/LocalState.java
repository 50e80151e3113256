package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The local Kafka Streams state of one generation. A file beside it names the id of its codes topic. If the generation
 * was retired and built again while this replica was down, the id differs and the old state is not reused. Nor is state
 * that nobody has written for twelve hours.
 */
final class LocalState {
    private static final Logger LOG = Logger.getLogger(LocalState.class);
    /**
     * State that was written before the changelogs' oldest tombstones may hold rows that another replica has deleted
     * since. Half of that time allows for clocks that differ.
     */
    private static final Duration MAX_AGE = StreamsSettings.CHANGELOG_TOMBSTONES_KEPT.dividedBy(2);

    private final Path folder;
    private final Path owner;

    /** The state of Kafka Streams' {@code application} under {@code stateDir}. */
    LocalState(Path stateDir, String application) {
        Path streams = stateDir.resolve("streams");
        this.folder = streams.resolve(application);
        this.owner = streams.resolve(application + ".codes-topic-id");
    }

    /**
     * Deletes the state unless it belongs to the codes topic {@code codesTopicId} and is not too old to be used, and
     * records that id.
     */
    void claim(String codesTopicId, Instant now) throws IOException {
        if (Files.exists(owner)
                && Files.readString(owner, UTF_8).equals(codesTopicId)
                && lastWritten().plus(MAX_AGE).isAfter(now)) {
            return;
        }
        delete();
        Files.createDirectories(owner.getParent());
        DurableFiles.replace(owner, codesTopicId.getBytes(UTF_8));
    }

    private Instant lastWritten() throws IOException {
        Instant last = Files.getLastModifiedTime(owner).toInstant();
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Instant written = Files.getLastModifiedTime(file).toInstant();
                    last = written.isAfter(last) ? written : last;
                }
            }
        }
        return last;
    }

    /** Deletes the state, if there is any. */
    void delete() throws IOException {
        if (Files.exists(folder)) {
            DurableFiles.deleteFolder(folder);
            LOG.infof("state deleted folder=%s", folder);
        }
        Files.deleteIfExists(owner);
    }
}
