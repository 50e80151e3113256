package io.residua.indexer.assign;

import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.ItemState.Status;
import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Remembers when items were deleted, ordered by time, so that their markers in the {@code items} store can go after a
 * while without a scan of that store. A marker goes when it is older than the retention and was written before the floor
 * was captured: then whatever is still under way for the item is below the floor, and the item stage ignores it.
 *
 * <p>Expiry does a bounded amount of work per call. It starts behind the last row that it removed, so that it does not
 * read over the tombstones of rows that went before.
 */
final class DeleteMarkers {
    static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(1);
    static final int MAX_PER_CALL = 2_000;

    private static final Duration BACKLOG_INTERVAL = Duration.ofSeconds(1);
    private static final byte[] FLOOR_KEY = {0};
    private static final byte MARKER = 1;
    private static final int ITEM_ID_AT = 1 + Long.BYTES;

    private final ProcessorContext<?, ?> context;
    private final KeyValueStore<byte[], ItemState> items;
    private final KeyValueStore<byte[], byte[]> deletions;
    private final Supplier<SourceFloor> newestFloor;
    private final Duration retention;
    private SourceFloor floor;
    private byte[] expireFrom = key(0, new byte[0]);
    private final OnDemandPunctuation expiry;

    DeleteMarkers(
            ProcessorContext<?, ?> context,
            KeyValueStore<byte[], ItemState> items,
            KeyValueStore<byte[], byte[]> deletions,
            Supplier<SourceFloor> newestFloor,
            Duration retention) {
        this.context = context;
        this.items = items;
        this.deletions = deletions;
        this.newestFloor = newestFloor;
        this.retention = retention;
        this.expiry = new OnDemandPunctuation(context, this::expire);
        this.floor = SourceFloor.fromBytes(deletions.get(FLOOR_KEY));
        scheduleIfNeeded(EXPIRY_INTERVAL);
    }

    /** Whether everything up to {@code position} has been answered, so that an unknown item was deleted and forgotten. */
    boolean isForgotten(SourcePosition position) {
        return floor.isAbove(position);
    }

    /** Remembers that an item was deleted by the record at {@code position}. */
    void add(byte[] itemId, SourcePosition position) {
        byte[] value = ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(position.partition())
                .putLong(position.offset())
                .array();
        deletions.put(key(context.currentSystemTimeMs(), itemId), value);
        expiry.schedule(EXPIRY_INTERVAL);
    }

    /** Expires nothing more. */
    void close() {
        expiry.cancel();
    }

    private void scheduleIfNeeded(Duration interval) {
        try (KeyValueIterator<byte[], byte[]> rows = deletions.range(expireFrom, key(Long.MAX_VALUE, new byte[0]))) {
            if (rows.hasNext()) {
                expiry.schedule(interval);
            }
        }
    }

    private void expire(long now) {
        SourceFloor newest = newestFloor.get();
        if (newest.capturedAt() > floor.capturedAt()) {
            floor = newest;
            deletions.put(FLOOR_KEY, floor.toBytes());
        }
        long before = Math.min(now - retention.toMillis(), floor.capturedAt());
        boolean more = before > 0 && expireBefore(before);
        scheduleIfNeeded(more ? BACKLOG_INTERVAL : EXPIRY_INTERVAL);
    }

    /** Removes markers written before a time; true if there are more than one call removes. */
    private boolean expireBefore(long before) {
        List<KeyValue<byte[], byte[]>> expired = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> rows = deletions.range(expireFrom, key(before, new byte[0]))) {
            while (rows.hasNext() && expired.size() < MAX_PER_CALL) {
                expired.add(rows.next());
            }
        }
        for (KeyValue<byte[], byte[]> row : expired) {
            forget(row.key, row.value);
            deletions.delete(row.key);
            expireFrom = row.key;
        }
        return expired.size() == MAX_PER_CALL;
    }

    /** Removes an item's marker unless the item has been written or deleted again since. */
    private void forget(byte[] key, byte[] value) {
        byte[] itemId = Arrays.copyOfRange(key, ITEM_ID_AT, key.length);
        ByteBuffer deletedAt = ByteBuffer.wrap(value);
        int partition = deletedAt.getInt();
        long offset = deletedAt.getLong();
        ItemState state = items.get(itemId);
        if (state != null
                && state.status() == Status.DELETED
                && state.seen().newest().partition() == partition
                && state.seen().newest().offset() == offset) {
            items.delete(itemId);
        }
    }

    private static byte[] key(long time, byte[] itemId) {
        return ByteBuffer.allocate(ITEM_ID_AT + itemId.length)
                .put(MARKER)
                .putLong(time)
                .put(itemId)
                .array();
    }
}
