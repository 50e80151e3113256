package io.residua.indexer.verify;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.Fingerprint;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.indexer.wire.SourcePosition;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of {@code item-embeddings} as models of one dimension judge them: an embedding with its fingerprint, a
 * deletion, or a refusal with its reason. Of a vector only the fingerprint is kept. Rows are numbered from 0 on.
 */
final class SourceHistory {
    /** Stands for no row. */
    static final int NONE = -1;
    /** The newest row is undefined: the item's partitions are mixed, and timestamps contradict offsets. */
    static final int UNCLEAR = -2;

    private static final int EMBEDDING = 0;
    private static final int DELETION = 1;
    private static final int FIRST_REASON = 2;

    private final KeyIndex items;
    private final FloatBuffer vector;
    private final IntColumn partitions = new IntColumn(0);
    private final LongColumn offsets = new LongColumn();
    private final LongColumn timestamps = new LongColumn();
    private final IntColumn itemOf = new IntColumn(NONE);
    private final IntColumn kinds = new IntColumn(EMBEDDING);
    private final LongColumn fingerprints = new LongColumn();
    private final IntColumn before = new IntColumn(NONE);
    private final IntColumn lastOfItem = new IntColumn(NONE);
    private final Map<Integer, IntColumn> rowsOf = new HashMap<>();
    private final List<String> reasons = new ArrayList<>();

    SourceHistory(KeyIndex items, int dim) {
        this.items = items;
        this.vector = FloatBuffer.allocate(dim);
    }

    int size() {
        return offsets.size();
    }

    /** Adds a record; those of one partition come in the order of their offsets. */
    void add(ConsumerRecord<byte[], byte[]> record) {
        int row = size();
        int item = NONE;
        int kind = DELETION;
        long fingerprint = 0;
        try {
            ItemIds.require(record.key());
            item = items.add(record.key());
            if (record.value() != null) {
                kind = EMBEDDING;
                EmbeddingFormat.decode(record.value(), record.headers(), vector.capacity(), vector.clear());
                fingerprint = Fingerprint.of(vector, 0, vector.capacity());
            }
        } catch (InvalidEmbeddingException e) {
            kind = FIRST_REASON + reasonIndex(e.reason());
        }
        partitions.add(record.partition());
        offsets.add(record.offset());
        timestamps.add(record.timestamp());
        itemOf.add(item);
        kinds.add(kind);
        fingerprints.add(fingerprint);
        rowsOf.computeIfAbsent(record.partition(), partition -> new IntColumn(NONE))
                .add(row);
        if (kind < FIRST_REASON) {
            before.set(row, lastOfItem.get(item));
            lastOfItem.set(item, row);
        } else {
            before.set(row, NONE);
        }
    }

    private int reasonIndex(String reason) {
        if (!reasons.contains(reason)) {
            reasons.add(reason);
        }
        return reasons.indexOf(reason);
    }

    /** The row of the record at an offset, {@link #NONE} if it was not there. */
    int find(int partition, long offset) {
        IntColumn rows = rowsOf.get(partition);
        int low = 0;
        int high = rows == null ? -1 : rows.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long there = offsets.get(rows.get(middle));
            if (there == offset) {
                return rows.get(middle);
            } else if (there < offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NONE;
    }

    /**
     * The newest row of an item that is not refused, in the order of {@link SourcePosition}; {@link #NONE} if there is
     * none, {@link #UNCLEAR} if it depends on the order in which partitions were read.
     */
    int newest(int item) {
        int newest = lastOfItem.get(item);
        for (int row = newest; row != NONE; row = before.get(row)) {
            if (partitions.get(row) != partitions.get(lastOfItem.get(item))) {
                return newestOfSeveralPartitions(item);
            }
        }
        return newest;
    }

    private int newestOfSeveralPartitions(int item) {
        Map<Integer, Long> earliestAfter = new HashMap<>();
        int newest = lastOfItem.get(item);
        for (int row = newest; row != NONE; row = before.get(row)) {
            Long later = earliestAfter.put(partitions.get(row), timestamps.get(row));
            if (later != null && later < timestamps.get(row)) {
                return UNCLEAR;
            }
            if (position(row).newerThan(position(newest))) {
                newest = row;
            }
        }
        return newest;
    }

    SourcePosition position(int row) {
        return new SourcePosition(partitions.get(row), offsets.get(row), timestamps.get(row));
    }

    /** The item of a row, {@link #NONE} if its key is no item id. */
    int item(int row) {
        return itemOf.get(row);
    }

    boolean isEmbedding(int row) {
        return kinds.get(row) == EMBEDDING;
    }

    /** Why a row is refused, {@code null} if it is not. */
    String reason(int row) {
        return kinds.get(row) < FIRST_REASON ? null : reasons.get(kinds.get(row) - FIRST_REASON);
    }

    long fingerprint(int row) {
        return fingerprints.get(row);
    }
}
