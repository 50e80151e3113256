package io.residua.evaluator.stream;

import io.residua.evaluator.tally.CodeCount;
import io.residua.evaluator.tally.CompensatedSum;
import io.residua.evaluator.tally.Totals;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;

/**
 * How counts are written to their stores, version 1, big-endian. A code, which is a key, is its entries as int32. A count
 * is a version byte and two int32, absent for none. The totals are a version byte, three int64 and twice two float64, in
 * the order of {@link Totals}.
 */
final class CountFormat {
    private static final byte VERSION = 1;
    private static final int COUNT_BYTES = 1 + 2 * Integer.BYTES;
    private static final int TOTALS_BYTES = 1 + 3 * Long.BYTES + 4 * Double.BYTES;

    private CountFormat() {}

    static byte[] writeCode(List<Integer> code) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * code.size());
        for (int entry : code) {
            bytes.putInt(entry);
        }
        return bytes.array();
    }

    static List<Integer> readCode(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        List<Integer> code = new ArrayList<>(bytes.length / Integer.BYTES);
        while (buffer.hasRemaining()) {
            code.add(buffer.getInt());
        }
        return code;
    }

    static byte[] writeCount(CodeCount count) {
        return count.equals(CodeCount.NONE)
                ? null
                : ByteBuffer.allocate(COUNT_BYTES)
                        .put(VERSION)
                        .putInt(count.coded())
                        .putInt(count.nearest())
                        .array();
    }

    static CodeCount readCount(byte[] bytes) {
        if (bytes == null) {
            return CodeCount.NONE;
        }
        ByteBuffer buffer = open(bytes, COUNT_BYTES);
        return new CodeCount(buffer.getInt(), buffer.getInt());
    }

    static byte[] writeTotals(Totals totals) {
        return ByteBuffer.allocate(TOTALS_BYTES)
                .put(VERSION)
                .putLong(totals.nearest())
                .putLong(totals.sinkhorn())
                .putLong(totals.spilled())
                .putDouble(totals.quantisationError().rounded())
                .putDouble(totals.quantisationError().lost())
                .putDouble(totals.nearestError().rounded())
                .putDouble(totals.nearestError().lost())
                .array();
    }

    static Totals readTotals(byte[] bytes) {
        if (bytes == null) {
            return Totals.ZERO;
        }
        ByteBuffer buffer = open(bytes, TOTALS_BYTES);
        return new Totals(buffer.getLong(), buffer.getLong(), buffer.getLong(), readSum(buffer), readSum(buffer));
    }

    private static CompensatedSum readSum(ByteBuffer buffer) {
        return new CompensatedSum(buffer.getDouble(), buffer.getDouble());
    }

    private static ByteBuffer open(byte[] bytes, int size) {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new SerializationException(
                    "format version is " + (bytes.length == 0 ? "missing" : bytes[0]) + ", expected " + VERSION);
        }
        if (bytes.length != size) {
            throw new SerializationException(bytes.length + " bytes, expected " + size);
        }
        return ByteBuffer.wrap(bytes).position(1);
    }
}
