package io.residua.indexer.assign;

import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The requests that wait for an entry of their prefix. The store is the truth; memory mirrors it, so that a resolution
 * scans nothing and a prefix without waiting requests costs no read. A new instance reads the store once.
 */
final class WaitingRequests {
    private final KeyValueStore<byte[], PrefixCommand> store;
    private final Map<Bytes, NavigableMap<Bytes, Request>> byPrefix = new HashMap<>();

    /** Keys of the store are the prefix, of {@code prefixBytes} bytes, and the item id behind it. */
    WaitingRequests(KeyValueStore<byte[], PrefixCommand> store, int prefixBytes) {
        this.store = store;
        try (KeyValueIterator<byte[], PrefixCommand> rows = store.all()) {
            while (rows.hasNext()) {
                KeyValue<byte[], PrefixCommand> row = rows.next();
                remember(Arrays.copyOf(row.key, prefixBytes), (Request) row.value);
            }
        }
    }

    boolean isEmpty() {
        return byPrefix.isEmpty();
    }

    /** The item's request that waits for the prefix; {@code null} if there is none. */
    Request of(byte[] prefixKey, byte[] itemId) {
        NavigableMap<Bytes, Request> group = byPrefix.isEmpty() ? null : byPrefix.get(Bytes.wrap(prefixKey));
        return group == null ? null : group.get(Bytes.wrap(itemId));
    }

    /** Lets a request wait, in place of the same item's earlier one. */
    void put(byte[] prefixKey, Request request) {
        store.put(key(prefixKey, request.itemId()), request);
        remember(prefixKey, request);
    }

    /** The item's request no longer waits; it must have waited. */
    void remove(byte[] prefixKey, byte[] itemId) {
        Bytes prefix = Bytes.wrap(prefixKey);
        NavigableMap<Bytes, Request> group = byPrefix.get(prefix);
        group.remove(Bytes.wrap(itemId));
        if (group.isEmpty()) {
            byPrefix.remove(prefix);
        }
        store.delete(key(prefixKey, itemId));
    }

    /** The prefixes that requests wait for. */
    List<byte[]> prefixes() {
        return byPrefix.keySet().stream().map(Bytes::get).toList();
    }

    /** Up to {@code max} requests that wait for a prefix, in the order of their item ids' bytes. */
    List<Request> first(byte[] prefixKey, int max) {
        NavigableMap<Bytes, Request> group = byPrefix.get(Bytes.wrap(prefixKey));
        return group == null ? List.of() : group.values().stream().limit(max).toList();
    }

    private void remember(byte[] prefixKey, Request request) {
        byPrefix.computeIfAbsent(Bytes.wrap(prefixKey), prefix -> new TreeMap<>())
                .put(Bytes.wrap(request.itemId()), request);
    }

    private static byte[] key(byte[] prefixKey, byte[] itemId) {
        byte[] key = Arrays.copyOf(prefixKey, prefixKey.length + itemId.length);
        System.arraycopy(itemId, 0, key, prefixKey.length, itemId.length);
        return key;
    }
}
