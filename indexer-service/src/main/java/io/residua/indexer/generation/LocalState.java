package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * The local Kafka Streams state of one generation. A file beside it names the id of its codes topic. If the generation
 * was retired and built again while this replica was down, the id differs and the old state is not reused.
 */
final class LocalState {
    private static final Logger LOG = Logger.getLogger(LocalState.class);

    private final Path folder;
    private final Path owner;

    /** The state of Kafka Streams' {@code application} under {@code stateDir}. */
    LocalState(Path stateDir, String application) {
        Path streams = stateDir.resolve("streams");
        this.folder = streams.resolve(application);
        this.owner = streams.resolve(application + ".codes-topic-id");
    }

    /** Deletes the state unless it belongs to the codes topic {@code codesTopicId}, and records that id. */
    void claim(String codesTopicId) throws IOException {
        if (Files.exists(owner) && Files.readString(owner, UTF_8).equals(codesTopicId)) {
            return;
        }
        delete();
        Files.createDirectories(owner.getParent());
        DurableFiles.replace(owner, codesTopicId.getBytes(UTF_8));
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
