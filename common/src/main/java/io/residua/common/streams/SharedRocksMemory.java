package io.residua.common.streams;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * Shares one block cache among all state stores of the process. Write buffers count towards it. By default RocksDB
 * takes about 100 MB for each store and partition.
 */
public final class SharedRocksMemory implements RocksDBConfigSetter {
    /** Setting: bytes of the cache. The first store that opens decides it for the process. */
    public static final String CACHE_BYTES_CONFIG = "residua.rocksdb.cache.bytes";

    private static final long WRITE_BUFFER_BYTES = 4L << 20;

    /**
     * The cache has four shards. By default it has up to 64, each of them smaller than the filter of a file of a million
     * rows: the filter is then not kept, and nearly every look-up reads it again.
     */
    private static final int CACHE_SHARD_BITS = 2;

    private static Cache cache;
    private static WriteBufferManager writeBuffers;

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        share(((Number) configs.get(CACHE_BYTES_CONFIG)).longValue(), options);
    }

    /**
     * Lets a store use the process's memory.
     *
     * @param cacheBytes for all stores together; what the first store says holds for the process
     * @param options the store's, with a block-based table
     */
    public static synchronized void share(long cacheBytes, Options options) {
        if (cache == null) {
            RocksDB.loadLibrary();
            cache = new LRUCache(cacheBytes, CACHE_SHARD_BITS);
            writeBuffers = new WriteBufferManager(cacheBytes / 2, cache);
        }
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(cache);
        table.setCacheIndexAndFilterBlocks(true);
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(writeBuffers);
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(2);
    }

    @Override
    public void close(String storeName, Options options) {
        // The shared memory lives as long as the process.
    }
}
