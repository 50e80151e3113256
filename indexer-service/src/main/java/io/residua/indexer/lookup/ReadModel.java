package io.residua.indexer.lookup;

import io.residua.common.io.DurableFiles;
import io.residua.indexer.wire.Codes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/**
 * The items and codes of one generation in a RocksDB of its own: a copy of its codes topic up to a position that is stored
 * with every change. One thread applies changes; any may read. Whoever reads from a closed model is told to ask again.
 */
final class ReadModel implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReadModel.class);
    private static final int BLOOM_BITS_PER_KEY = 10;

    static {
        RocksDB.loadLibrary();
    }

    private final BloomFilter filter = new BloomFilter(BLOOM_BITS_PER_KEY);
    private final Options options = new Options();
    private final ReentrantReadWriteLock openLock = new ReentrantReadWriteLock();
    private final RocksDB db;
    private boolean closed;
    private volatile ReadPosition position;

    /**
     * What a model's files must be a copy of.
     *
     * @param topicId Kafka's id of the codes topic
     * @param partitions its partitions
     */
    record Source(String topicId, int partitions) {
        boolean isOf(ReadPosition position) {
            return position.isIn(topicId, partitions);
        }
    }

    private ReadModel(Path folder, Consumer<Options> memory) throws IOException, RocksDBException {
        Files.createDirectories(folder);
        options.setCreateIfMissing(true).setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(filter));
        memory.accept(options);
        RocksDB opened = null;
        try {
            opened = RocksDB.open(options, folder.toString());
        } finally {
            db = opened;
            if (opened == null) {
                close();
            }
        }
    }

    /**
     * Opens the model in {@code folder}. Files that are damaged, or of another topic or form, are deleted: the model is
     * then empty.
     *
     * @param memory sets the memory that the process's stores share
     * @param now when an empty model is taken to be current: nothing is missing from it
     * @throws ReadModelException if the files cannot be opened now, for instance because a model that is being closed
     *     still has them open
     */
    static ReadModel open(Path folder, Source source, Consumer<Options> memory, Instant now) throws IOException {
        try {
            Optional<ReadModel> existing = existing(folder, source, memory);
            if (existing.isPresent()) {
                return existing.get();
            }
            DurableFiles.deleteFolder(folder);
            ReadModel empty = new ReadModel(folder, memory);
            empty.position = ReadPosition.start(source.topicId(), source.partitions(), now);
            return empty;
        } catch (RocksDBException e) {
            throw new ReadModelException(e);
        }
    }

    private static Optional<ReadModel> existing(Path folder, Source source, Consumer<Options> memory)
            throws IOException, RocksDBException {
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        try {
            ReadModel model = new ReadModel(folder, memory);
            Optional<ReadPosition> position = model.storedPosition();
            if (position.filter(source::isOf).isPresent()) {
                model.position = position.get();
                return Optional.of(model);
            }
            model.close();
            LOG.infof("look-ups are built anew, the files are of another topic or form folder=%s", folder);
        } catch (RocksDBException e) {
            if (new ReadModelException(e).isPassing()) {
                throw e;
            }
            LOG.warnf("look-ups are built anew, the files cannot be read folder=%s cause=%s", folder, e.getMessage());
        }
        return Optional.empty();
    }

    /** The position in the files, which are closed if they cannot be read. */
    private Optional<ReadPosition> storedPosition() throws RocksDBException {
        try {
            byte[] stored = db.get(ReadModelRows.POSITION_KEY);
            return stored == null ? Optional.empty() : ReadPosition.fromBytes(stored);
        } catch (RocksDBException e) {
            close();
            throw e;
        }
    }

    /** How far the model is. What is read afterwards is at least as new. */
    ReadPosition position() {
        return position;
    }

    /** Applies changes in their order, which are all that was below {@code offsets} and not applied yet. */
    void apply(List<CodeChange> changes, long[] offsets) {
        try (ReadModelWrite write = new ReadModelWrite(db, position.items())) {
            for (CodeChange change : changes) {
                write.add(change);
            }
            ReadPosition next = position.advancedTo(offsets, write.items());
            write.commit(next);
            position = next;
        } catch (RocksDBException e) {
            throw new ReadModelException(e);
        }
    }

    /** Notes that the model held everything that was in the topic at {@code instant}. */
    void setCurrentAt(Instant instant) {
        try {
            ReadPosition next = position.currentAt(instant);
            db.put(ReadModelRows.POSITION_KEY, next.toBytes());
            position = next;
        } catch (RocksDBException e) {
            throw new ReadModelException(e);
        }
    }

    /** An item's code; nothing if the item has none. */
    Optional<HeldItem> item(byte[] itemId) {
        return read(() -> Optional.ofNullable(db.get(ReadModelRows.itemKey(itemId)))
                .map(value -> HeldItem.of(
                        itemId, Codes.ofKey(ReadModelRows.valueContent(value)), ReadModelRows.claim(value))));
    }

    /** The item that holds a code; nothing if none does. */
    Optional<HeldItem> holder(int... code) {
        return read(() -> Optional.ofNullable(db.get(ReadModelRows.codeKey(code)))
                .map(value -> HeldItem.of(ReadModelRows.valueContent(value), code, ReadModelRows.claim(value))));
    }

    /** Reads rows as they are at one moment. */
    interface SnapshotReader<T> {
        T read(ReadModelSnapshot snapshot) throws IOException, RocksDBException;
    }

    /** Reads rows as they are at one moment, however long that takes. The model does not close before. */
    <T> T snapshot(SnapshotReader<T> reader) {
        return read(() -> {
            Snapshot moment = db.getSnapshot();
            try (ReadOptions at = new ReadOptions().setSnapshot(moment)) {
                byte[] stored = db.get(at, ReadModelRows.POSITION_KEY);
                // Nothing has been written to an empty model.
                ReadPosition then = stored == null
                        ? position
                        : ReadPosition.fromBytes(stored).orElseThrow();
                return reader.read(new ReadModelSnapshot(db, at, then));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                db.releaseSnapshot(moment);
            }
        });
    }

    private interface Read<T> {
        T get() throws RocksDBException;
    }

    private <T> T read(Read<T> read) {
        // Never waits: an event loop may be asking. The lock is taken only while the model closes.
        if (!openLock.readLock().tryLock()) {
            throw new NotServedException("the index is being closed");
        }
        try {
            if (closed) {
                throw new NotServedException("the index is being opened");
            }
            return read.get();
        } catch (RocksDBException e) {
            throw new ReadModelException(e);
        } finally {
            openLock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        openLock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (db != null) {
                    db.close();
                }
                options.close();
                filter.close();
            }
        } finally {
            openLock.writeLock().unlock();
        }
    }
}
