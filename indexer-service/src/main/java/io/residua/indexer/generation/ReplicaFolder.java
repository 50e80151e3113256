package io.residua.indexer.generation;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * The folder that belongs to this replica alone. It holds what tells the replica from others, so that after a restart the
 * brokers know it again and need not wait for its former self to time out.
 */
final class ReplicaFolder implements AutoCloseable {
    private final FileChannel channel;
    private final String instanceId;

    private ReplicaFolder(FileChannel channel, String instanceId) {
        this.channel = channel;
        this.instanceId = instanceId;
    }

    /**
     * Takes the folder, making it if it is not there.
     *
     * @throws IOException if another process has it
     */
    static ReplicaFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!lock(channel)) {
            channel.close();
            throw new IOException("state folder " + folder
                    + " is in use by another process; give each replica its own residua.index.state-dir");
        }
        return new ReplicaFolder(channel, readOrMakeId(folder));
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static String readOrMakeId(Path folder) throws IOException {
        Path file = folder.resolve("instance-id");
        if (!Files.exists(file)) {
            Path written = folder.resolve("instance-id.new");
            Files.writeString(written, UUID.randomUUID().toString().substring(0, 8));
            Files.move(written, file);
        }
        return Files.readString(file).strip();
    }

    /** Tells this replica from others, the same after a restart. */
    String instanceId() {
        return instanceId;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
