package io.residua.evaluator.stream;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One block cache for all stores of the process, write buffers included; by default every store of every partition has
 * its own, of nearly 100 MB. The first store that opens decides its size.
 */
public final class SharedRocksMemory implements RocksDBConfigSetter {
    /** Setting: bytes of the cache. */
    static final String CACHE_BYTES = "residua.rocksdb.cache.bytes";

    private static final long WRITE_BUFFER = 2 << 20;

    private static Cache cache;
    private static WriteBufferManager writeBuffers;

    @Override
    public void setConfig(String store, Options options, Map<String, Object> settings) {
        Memory memory = memory(((Number) settings.get(CACHE_BYTES)).longValue());
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(memory.cache()).setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table)
                .setWriteBufferManager(memory.writeBuffers())
                .setWriteBufferSize(WRITE_BUFFER)
                .setMaxWriteBufferNumber(2);
    }

    @Override
    public void close(String store, Options options) {
        // The cache belongs to all stores and lives as long as the process.
    }

    private static synchronized Memory memory(long bytes) {
        if (cache == null) {
            cache = new LRUCache(bytes);
            writeBuffers = new WriteBufferManager(bytes / 2, cache);
        }
        return new Memory(cache, writeBuffers);
    }

    private record Memory(Cache cache, WriteBufferManager writeBuffers) {}
}
