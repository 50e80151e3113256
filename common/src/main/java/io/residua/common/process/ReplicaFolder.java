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
 * The folder that belongs to this replica alone, for as long as it is open. It holds what tells the replica from others,
 * so that after a restart the brokers know it again and need not wait for its former self to time out.
 */
public final class ReplicaFolder implements AutoCloseable {
    private final FileChannel channel;
    private final String instanceId;

    private ReplicaFolder(FileChannel channel, String instanceId) {
        this.channel = channel;
        this.instanceId = instanceId;
    }

    /**
     * Takes the folder, making it if it is not there.
     *
     * @throws IOException if another process has it, or it cannot be written
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

    /** Tells this replica from others, the same after a restart: eight letters and digits. */
    public String instanceId() {
        return instanceId;
    }

    /** Lets others have the folder. */
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
