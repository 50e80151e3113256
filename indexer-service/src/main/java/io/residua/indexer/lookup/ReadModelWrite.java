package io.residua.indexer.lookup;

import java.util.Arrays;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatchWithIndex;
import org.rocksdb.WriteOptions;

/**
 * Changes that are written together with the position they lead to. A code's row belongs to the item with the greatest
 * claim: two items may show one code for a moment, and only its holder's departure frees it.
 */
final class ReadModelWrite implements AutoCloseable {
    private final RocksDB db;
    private final ReadOptions read = new ReadOptions();
    private final WriteBatchWithIndex batch = new WriteBatchWithIndex(true);
    private long items;

    /** {@code items} have a code before the changes. */
    ReadModelWrite(RocksDB db, long items) {
        this.db = db;
        this.items = items;
    }

    void add(CodeChange change) throws RocksDBException {
        byte[] itemKey = ReadModelRows.itemKey(change.itemId());
        byte[] before = batch.getFromBatchAndDB(db, read, itemKey);
        byte[] codeBefore = before == null ? null : ReadModelRows.valueContent(before);
        if (codeBefore != null && !Arrays.equals(codeBefore, change.code())) {
            release(codeBefore, change.itemId());
        }
        if (change.isDeletion()) {
            batch.delete(itemKey);
            items -= before == null ? 0 : 1;
            return;
        }
        hold(change);
        batch.put(itemKey, ReadModelRows.value(change.claim(), change.code()));
        items += before == null ? 1 : 0;
    }

    private void hold(CodeChange change) throws RocksDBException {
        byte[] codeKey = codeKey(change.code());
        byte[] holder = batch.getFromBatchAndDB(db, read, codeKey);
        if (holder == null
                || change.claim() > ReadModelRows.claim(holder)
                || Arrays.equals(ReadModelRows.valueContent(holder), change.itemId())) {
            batch.put(codeKey, ReadModelRows.value(change.claim(), change.itemId()));
        }
    }

    private void release(byte[] code, byte[] itemId) throws RocksDBException {
        byte[] codeKey = codeKey(code);
        byte[] holder = batch.getFromBatchAndDB(db, read, codeKey);
        if (holder != null && Arrays.equals(ReadModelRows.valueContent(holder), itemId)) {
            batch.delete(codeKey);
        }
    }

    private static byte[] codeKey(byte[] code) {
        byte[] key = new byte[1 + code.length];
        key[0] = ReadModelRows.FIRST_CODE_KEY[0];
        System.arraycopy(code, 0, key, 1, code.length);
        return key;
    }

    /** Items that have a code after the changes. */
    long items() {
        return items;
    }

    /** Writes everything in one step. A killed process loses nothing of it; a lost machine may, position included. */
    void commit(ReadPosition position) throws RocksDBException {
        batch.put(ReadModelRows.POSITION_KEY, position.toBytes());
        try (WriteOptions options = new WriteOptions()) {
            db.write(options, batch);
        }
    }

    @Override
    public void close() {
        batch.close();
        read.close();
    }
}
