package io.residua.indexer.assign;

import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.HeldCode;
import java.util.Arrays;
import java.util.function.ObjIntConsumer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Who holds which code, for all prefixes of one task, and the task's claims.
 *
 * <p>Claims are reserved in blocks: the row of the counter says where the newest block ends, and is written in the
 * transaction that first uses it. A new instance, which the stage makes whenever it is initialised, starts above that:
 * after an aborted transaction the stored end is the one before, and a block that lived on in memory would be issued
 * twice.
 */
final class HeldCodes {
    static final int CLAIM_BLOCK = 10_000;

    private static final byte COUNTER = 0;
    private static final byte CODE = 1;
    private static final byte[] COUNTER_KEY = {COUNTER};
    private static final byte[] NO_ITEM = {};

    private final KeyValueStore<byte[], HeldCode> store;
    private final ByteArraySerializer keySerializer = new ByteArraySerializer();
    private long lastClaim;
    private long blockEnd;

    HeldCodes(KeyValueStore<byte[], HeldCode> store) {
        this.store = store;
        HeldCode counter = store.get(COUNTER_KEY);
        this.lastClaim = counter == null ? 0 : counter.claim();
        this.blockEnd = lastClaim;
    }

    /** Who holds a code; {@code null} if it is free. */
    HeldCode holder(int[] codes) {
        return store.get(key(Codes.key(codes)));
    }

    /** Gives a code to an item, whoever held it, and returns the claim: greater than every earlier one of this task. */
    long claim(int[] codes, byte[] itemId) {
        if (lastClaim == blockEnd) {
            blockEnd += CLAIM_BLOCK;
            store.put(COUNTER_KEY, new HeldCode(NO_ITEM, blockEnd));
        }
        long claim = ++lastClaim;
        store.put(key(Codes.key(codes)), new HeldCode(itemId, claim));
        return claim;
    }

    /** Frees a code if it is held under {@code claim}; any other claim has no effect. */
    void release(int[] codes, long claim) {
        byte[] key = key(Codes.key(codes));
        HeldCode holder = store.get(key);
        if (holder != null && holder.claim() == claim) {
            store.delete(key);
        }
    }

    /** Visits the held entries of a prefix with their index in the last codebook. */
    void forEachHolder(byte[] prefixKey, ObjIntConsumer<HeldCode> visitor) {
        try (KeyValueIterator<byte[], HeldCode> rows = store.prefixScan(key(prefixKey), keySerializer)) {
            while (rows.hasNext()) {
                KeyValue<byte[], HeldCode> row = rows.next();
                int last = row.key.length - Short.BYTES;
                visitor.accept(row.value, ((row.key[last] & 0xFF) << 8) | (row.key[last + 1] & 0xFF));
            }
        }
    }

    /** Whether {@code held} belongs to the item. */
    static boolean isHeldBy(HeldCode held, byte[] itemId) {
        return Arrays.equals(held.itemId(), itemId);
    }

    private static byte[] key(byte[] codes) {
        byte[] key = new byte[1 + codes.length];
        key[0] = CODE;
        System.arraycopy(codes, 0, key, 1, codes.length);
        return key;
    }
}
