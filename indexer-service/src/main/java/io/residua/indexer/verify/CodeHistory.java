package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.indexer.wire.Codes;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of one codes topic. Checks of single records and of consecutive records of an item run when
 * it is added. Rows are numbered from 0 on; a row without a code is a tombstone.
 */
final class CodeHistory {
    static final int NONE = -1;

    private final String modelVersion;
    private final List<Integer> codebookSizes;
    private final SourceHistory source;
    private final KeyIndex items;
    private final KeyIndex codes = new KeyIndex();
    private final Violations violations = new Violations();
    private final NotJudged notJudged = new NotJudged();

    private final IntColumn itemOf = new IntColumn(NONE);
    private final IntColumn codeOf = new IntColumn(NONE);
    private final LongColumn claims = new LongColumn();
    private final IntColumn partitions = new IntColumn(NONE);
    private final LongColumn offsets = new LongColumn();
    private final IntColumn sourcePartitions = new IntColumn(NONE);
    private final LongColumn sourceOffsets = new LongColumn();
    private final IntColumn nextOfItem = new IntColumn(NONE);
    private final IntColumn latestOfItem = new IntColumn(NONE);
    private final IntColumn beforeOfCode = new IntColumn(NONE);
    private final IntColumn latestOfCode = new IntColumn(NONE);

    CodeHistory(String modelVersion, List<Integer> codebookSizes, SourceHistory source, KeyIndex items) {
        this.modelVersion = modelVersion;
        this.codebookSizes = codebookSizes;
        this.source = source;
        this.items = items;
    }

    /** Adds a record; those of one partition come in the order of their offsets. */
    void add(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null) {
            violations.add(ViolationKind.UNREADABLE_CODE, null, place(record) + " has no key");
        } else if (record.value() == null) {
            TombstonePosition deletedAt = TombstonePosition.of(record.headers(), modelVersion);
            append(record, NONE, 0, deletedAt.partition(), deletedAt.offset());
        } else {
            addCode(record);
        }
    }

    private void addCode(ConsumerRecord<byte[], byte[]> record) {
        ItemCode code;
        try {
            code = Json.read(record.value(), ItemCode.class);
        } catch (IllegalArgumentException e) {
            violations.add(ViolationKind.UNREADABLE_CODE, record.key(), place(record) + " is " + e.getMessage());
            return;
        }
        byte[] named = code.itemId().getBytes(UTF_8);
        if (!Arrays.equals(named, record.key()) || !code.modelVersion().equals(modelVersion)) {
            violations.add(
                    ViolationKind.WRONG_KEY,
                    record.key(),
                    place(record) + " names item " + code.itemId() + " of model " + code.modelVersion()
                            + ", expected the record's key and model " + modelVersion);
        }
        if (!isWithinCodebooks(code.codes())) {
            violations.add(
                    ViolationKind.CODE_OUT_OF_RANGE,
                    record.key(),
                    place(record) + " has code " + code.codes() + ", expected one of codebooks of " + codebookSizes);
            return;
        }
        int[] entries = code.codes().stream().mapToInt(Integer::intValue).toArray();
        int row = append(
                record, codes.add(Codes.key(entries)), code.claim(), code.sourcePartition(), code.sourceOffset());
        requireSourceOfItem(row);
    }

    private boolean isWithinCodebooks(List<Integer> entries) {
        if (entries.size() != codebookSizes.size()) {
            return false;
        }
        for (int level = 0; level < entries.size(); level++) {
            if (entries.get(level) >= codebookSizes.get(level)) {
                return false;
            }
        }
        return true;
    }

    private int append(ConsumerRecord<byte[], byte[]> record, int code, long claim, int fromPartition, long from) {
        int row = size();
        int item = items.add(record.key());
        int previous = latestOfItem.get(item);
        itemOf.add(item);
        codeOf.add(code);
        claims.add(claim);
        partitions.add(record.partition());
        offsets.add(record.offset());
        sourcePartitions.add(fromPartition);
        sourceOffsets.add(from);
        if (previous != NONE) {
            nextOfItem.set(previous, row);
            if (partitions.get(previous) != record.partition()) {
                violations.add(
                        ViolationKind.ITEM_IN_TWO_PARTITIONS,
                        record.key(),
                        describe(row) + " comes after " + describe(previous) + ", expected one partition");
            } else {
                requireReasonForChange(previous, row);
            }
        }
        latestOfItem.set(item, row);
        if (code != NONE) {
            beforeOfCode.set(row, latestOfCode.get(code));
            latestOfCode.set(code, row);
        }
        return row;
    }

    private void requireSourceOfItem(int row) {
        int from = sourceRow(row);
        if (from != NONE && (source.item(from) != item(row) || !source.isEmbedding(from))) {
            violations.add(
                    ViolationKind.WRONG_SOURCE_RECORD,
                    items.get(item(row)),
                    describe(row) + ", expected an embedding of that item there");
        }
    }

    private void requireReasonForChange(int before, int row) {
        if (code(before) == NONE || code(row) == NONE || code(before) == code(row)) {
            return;
        }
        boolean samePartition = sourcePartition(before) == sourcePartition(row);
        int fromBefore = sourceRow(before);
        int from = sourceRow(row);
        boolean notNewer = samePartition && sourceOffset(row) <= sourceOffset(before);
        if (!notNewer && (from == NONE || fromBefore == NONE)) {
            notJudged.add(NotJudged.Cause.CHANGE_WITHOUT_SOURCE_RECORD);
        } else if (notNewer || source.fingerprint(from) == source.fingerprint(fromBefore)) {
            violations.add(
                    ViolationKind.CODE_CHANGED_WITHOUT_NEW_EMBEDDING,
                    items.get(item(row)),
                    describe(row) + " replaces " + describe(before) + ", expected a newer and different embedding");
        }
    }

    int size() {
        return offsets.size();
    }

    /** How many distinct codes were ever published; they are numbered from 0 on. */
    int distinctCodes() {
        return codes.size();
    }

    /** The last row that publishes a code; {@link #olderOfCode} leads to the others. */
    int latestOfCode(int code) {
        return latestOfCode.get(code);
    }

    int olderOfCode(int row) {
        return beforeOfCode.get(row);
    }

    /** The last row of an item, {@link #NONE} if it has none. */
    int latest(int item) {
        return latestOfItem.get(item);
    }

    /** The next row of the same item, {@link #NONE} if there is none. */
    int next(int row) {
        return nextOfItem.get(row);
    }

    int item(int row) {
        return itemOf.get(row);
    }

    /** The number of a row's code, {@link #NONE} of a tombstone. */
    int code(int row) {
        return codeOf.get(row);
    }

    long claim(int row) {
        return claims.get(row);
    }

    int partition(int row) {
        return partitions.get(row);
    }

    long offset(int row) {
        return offsets.get(row);
    }

    int sourcePartition(int row) {
        return sourcePartitions.get(row);
    }

    long sourceOffset(int row) {
        return sourceOffsets.get(row);
    }

    /** The row of the source record that a row names, {@link #NONE} if it was not read. */
    int sourceRow(int row) {
        return source.find(sourcePartition(row), sourceOffset(row));
    }

    /** What was found when rows were added. */
    Violations violations() {
        return violations;
    }

    /** What could not be judged when rows were added. */
    NotJudged notJudged() {
        return notJudged;
    }

    /** A row for people. */
    String describe(int row) {
        String where = "record " + partition(row) + "@" + offset(row);
        return code(row) == NONE
                ? where + " (tombstone)"
                : where + " (code " + Arrays.toString(Codes.ofKey(codes.get(code(row)))) + ", claim " + claim(row)
                        + ", embedding " + sourcePartition(row) + "@" + sourceOffset(row) + ")";
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return "record " + record.partition() + "@" + record.offset();
    }
}
