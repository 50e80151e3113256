package io.residua.indexer.assign;

import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.ItemState.Status;
import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Remembers when items were deleted, ordered by time, so that their markers in the {@code items} store can go after a
 * while without a scan of the whole store.
 */
final class DeleteMarkers {
    private static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(1);
    private static final int MOST_AT_ONCE = 10_000;

    private final KeyValueStore<byte[], ItemState> items;
    private final KeyValueStore<byte[], byte[]> deletions;

    DeleteMarkers(KeyValueStore<byte[], ItemState> items, KeyValueStore<byte[], byte[]> deletions) {
        this.items = items;
        this.deletions = deletions;
    }

    /** Remembers that an item was deleted by the record at {@code position}. */
    void add(byte[] itemId, SourcePosition position, long now) {
        byte[] key = ByteBuffer.allocate(Long.BYTES + itemId.length)
                .putLong(now)
                .put(itemId)
                .array();
        byte[] value = ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(position.partition())
                .putLong(position.offset())
                .array();
        deletions.put(key, value);
    }

    /** Lets {@link #expireAll} run every now and then. */
    void expireRegularly(ProcessorContext<?, ?> context, Duration retention) {
        context.schedule(
                EXPIRY_INTERVAL,
                PunctuationType.WALL_CLOCK_TIME,
                now -> expireAll(Math.max(0, now - retention.toMillis())));
    }

    private void expireAll(long before) {
        int expired = MOST_AT_ONCE;
        while (expired == MOST_AT_ONCE) {
            expired = expire(before);
        }
    }

    private int expire(long before) {
        List<byte[]> expired = new ArrayList<>();
        byte[] from = new byte[Long.BYTES];
        byte[] to = ByteBuffer.allocate(Long.BYTES).putLong(before).array();
        try (KeyValueIterator<byte[], byte[]> rows = deletions.range(from, to)) {
            while (rows.hasNext() && expired.size() < MOST_AT_ONCE) {
                KeyValue<byte[], byte[]> row = rows.next();
                expired.add(row.key);
                forget(row.key, row.value);
            }
        }
        expired.forEach(deletions::delete);
        return expired.size();
    }

    /** Removes an item's marker unless the item has been written or deleted again since. */
    private void forget(byte[] key, byte[] value) {
        byte[] itemId = Arrays.copyOfRange(key, Long.BYTES, key.length);
        ByteBuffer deletedAt = ByteBuffer.wrap(value);
        int partition = deletedAt.getInt();
        long offset = deletedAt.getLong();
        ItemState state = items.get(itemId);
        if (state != null
                && state.status() == Status.DELETED
                && state.position().partition() == partition
                && state.position().offset() == offset) {
            items.delete(itemId);
        }
    }
}
