package io.residua.indexer.assign;

import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.Place;
import java.util.Arrays;
import java.util.function.ObjIntConsumer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The occupied entries of all prefixes of one task, one small row each, in the order of their codes; and the counter that
 * claims come from.
 */
final class PlaceTable {
    private static final byte COUNTER = 0;
    private static final byte PLACE = 1;
    private static final byte[] COUNTER_KEY = {COUNTER};
    private static final byte[] NOBODY = {};

    private final KeyValueStore<byte[], Place> store;
    private final ByteArraySerializer keySerializer = new ByteArraySerializer();

    PlaceTable(KeyValueStore<byte[], Place> store) {
        this.store = store;
    }

    /** Who holds a code; {@code null} if it is free. */
    Place holder(int[] codes) {
        return store.get(key(Codes.key(codes)));
    }

    /** Gives a code to an item, whoever held it, and returns the claim: greater than every earlier one of this task. */
    long claim(int[] codes, byte[] itemId) {
        Place last = store.get(COUNTER_KEY);
        long claim = last == null ? 1 : last.claim() + 1;
        store.put(COUNTER_KEY, new Place(NOBODY, claim));
        store.put(key(Codes.key(codes)), new Place(itemId, claim));
        return claim;
    }

    /** Frees a code if it is held under {@code claim}; an older claim has no effect. */
    void release(int[] codes, long claim) {
        byte[] key = key(Codes.key(codes));
        Place holder = store.get(key);
        if (holder != null && holder.claim() == claim) {
            store.delete(key);
        }
    }

    /** Visits the occupied entries of a prefix with their index in the last codebook. */
    void forEachHolder(byte[] prefixKey, ObjIntConsumer<Place> visitor) {
        try (KeyValueIterator<byte[], Place> rows = store.prefixScan(key(prefixKey), keySerializer)) {
            while (rows.hasNext()) {
                KeyValue<byte[], Place> row = rows.next();
                int last = row.key.length - Short.BYTES;
                visitor.accept(row.value, ((row.key[last] & 0xFF) << 8) | (row.key[last + 1] & 0xFF));
            }
        }
    }

    /** Whether {@code place} belongs to the item. */
    static boolean isHeldBy(Place place, byte[] itemId) {
        return Arrays.equals(place.itemId(), itemId);
    }

    private static byte[] key(byte[] codes) {
        byte[] key = new byte[1 + codes.length];
        key[0] = PLACE;
        System.arraycopy(codes, 0, key, 1, codes.length);
        return key;
    }
}
