package io.residua.indexer.lookup;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A read model's rows as they were at one moment. Valid only while its model reads it. */
final class ReadModelSnapshot {
    private final RocksDB db;
    private final ReadOptions at;
    private final ReadPosition position;

    ReadModelSnapshot(RocksDB db, ReadOptions at, ReadPosition position) {
        this.db = db;
        this.at = at;
        this.position = position;
    }

    /** How far the rows are. */
    ReadPosition position() {
        return position;
    }

    /** Takes an item's id and its code. */
    interface Visitor {
        void accept(byte[] itemId, int... code) throws IOException;
    }

    /** Every code with the item that holds it, in ascending order of the codes. */
    void forEachCode(Visitor visitor) throws IOException, RocksDBException {
        forEach(
                ReadModelRows.FIRST_CODE_KEY,
                ReadModelRows::isCode,
                (key, value) -> visitor.accept(ReadModelRows.valueContent(value), ReadModelRows.code(key)));
    }

    /**
     * The entries that follow a prefix, in ascending order.
     *
     * @param samples most ids per entry
     */
    List<PrefixChild> children(int[] prefix, int samples) throws IOException, RocksDBException {
        byte[] start = ReadModelRows.codeKey(prefix);
        List<PrefixChild> children = new ArrayList<>();
        Tally tally = new Tally();
        forEach(start, key -> startsWith(key, start), (key, value) -> {
            int entry = ReadModelRows.code(key)[prefix.length];
            if (entry != tally.entry && tally.items > 0) {
                children.add(tally.toChild());
                tally.clear();
            }
            tally.entry = entry;
            tally.items++;
            if (tally.ids.size() < samples) {
                tally.ids.add(HeldItem.id(ReadModelRows.valueContent(value)));
            }
        });
        if (tally.items > 0) {
            children.add(tally.toChild());
        }
        return children;
    }

    /** What has been seen of one entry. */
    private static final class Tally {
        private int entry;
        private long items;
        private List<String> ids = new ArrayList<>();

        PrefixChild toChild() {
            return new PrefixChild(entry, items, ids);
        }

        void clear() {
            items = 0;
            ids = new ArrayList<>();
        }
    }

    private interface Row {
        void accept(byte[] key, byte[] value) throws IOException;
    }

    private void forEach(byte[] first, Predicate<byte[]> belongs, Row row) throws IOException, RocksDBException {
        try (RocksIterator rows = db.newIterator(at)) {
            rows.seek(first);
            while (rows.isValid() && belongs.test(rows.key())) {
                row.accept(rows.key(), rows.value());
                rows.next();
            }
            rows.status();
        }
    }

    private static boolean startsWith(byte[] key, byte[] start) {
        return key.length >= start.length && Arrays.equals(key, 0, start.length, start, 0, start.length);
    }
}
