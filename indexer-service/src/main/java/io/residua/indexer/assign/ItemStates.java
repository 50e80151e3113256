package io.residua.indexer.assign;

import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemCountsV1;
import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.ItemState.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The states of one partition's items, and how many of them are coded and refused. The counts are derived from the
 * store: a new instance counts its rows once. They are published to the counts topic at most once a second.
 */
final class ItemStates {
    private static final Duration PUBLISH_INTERVAL = Duration.ofSeconds(1);
    private static final ItemCountsV1 FORMAT = new ItemCountsV1();

    private final ProcessorContext<byte[], Object> context;
    private final KeyValueStore<byte[], ItemState> store;
    private long coded;
    private long refused;
    private final OnDemandPunctuation publication;

    ItemStates(ProcessorContext<byte[], Object> context, KeyValueStore<byte[], ItemState> store) {
        this.context = context;
        this.store = store;
        this.publication = new OnDemandPunctuation(context, this::publish);
        try (KeyValueIterator<byte[], ItemState> rows = store.all()) {
            while (rows.hasNext()) {
                count(rows.next().value, 1);
            }
        }
        if (coded + refused > 0) {
            publication.schedule(PUBLISH_INTERVAL);
        }
    }

    /** Publishes no more counts. */
    void close() {
        publication.cancel();
    }

    /** The item's state; {@code null} if it is unknown. */
    ItemState get(byte[] itemId) {
        return store.get(itemId);
    }

    /** Replaces an item's state. */
    void put(byte[] itemId, ItemState before, ItemState after) {
        store.put(itemId, after);
        if (before == null || before.status() != after.status()) {
            count(before, -1);
            count(after, 1);
            publication.schedule(PUBLISH_INTERVAL);
        }
    }

    private void count(ItemState state, int change) {
        if (state != null && state.status() == Status.CODED) {
            coded += change;
        } else if (state != null && state.status() == Status.REFUSED) {
            refused += change;
        }
    }

    private void publish(long now) {
        byte[] key = ByteBuffer.allocate(Integer.BYTES)
                .putInt(context.taskId().partition())
                .array();
        context.forward(
                new Record<byte[], Object>(key, FORMAT.toBytes(new ItemCounts(coded, refused)), now),
                AssignTopology.COUNTS_SINK);
    }
}
