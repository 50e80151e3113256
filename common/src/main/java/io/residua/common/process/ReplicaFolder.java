package io.residua.common.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A folder that this replica locks while it is open. It stores the replica's instance id. With the same id after a
 * restart, the brokers recognise the replica as a static member and need not wait for a session timeout.
 */
public final class ReplicaFolder implements AutoCloseable {
    private final FileChannel channel;
    private final String instanceId;

    private ReplicaFolder(FileChannel channel, String instanceId) {
        this.channel = channel;
        this.instanceId = instanceId;
    }

    /**
     * Locks the folder and creates it if missing.
     *
     * @throws IOException if another process has locked it, or it cannot be written
     */
    public static ReplicaFolder open(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!lock(channel)) {
                throw new IOException("state folder " + folder
                        + " is in use by another process; give each replica a state-dir of its own");
            }
            return new ReplicaFolder(channel, readOrMakeId(folder));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
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
            String id = UUID.randomUUID().toString().substring(0, 8);
            DurableFiles.replace(file, id.getBytes(US_ASCII));
        }
        return Files.readString(file).strip();
    }

    /** The instance id of this replica, the same after a restart: eight letters and digits. */
    public String instanceId() {
        return instanceId;
    }

    /** Releases the lock. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
