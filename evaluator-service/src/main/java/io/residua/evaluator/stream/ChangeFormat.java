package io.residua.evaluator.stream;

import io.residua.common.event.Resolution;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;

/**
 * How items and changes are written between and inside the stages, version 1, big-endian: a version byte, then one item,
 * or for a change the item before and the item after. An item is a byte with its number of levels, 0 for none; then its
 * codes and its nearest codes as int32, the resolution's number as a byte, and both errors as float64.
 */
final class ChangeFormat {
    private static final byte VERSION = 1;
    private static final byte NO_LEVELS = 0;
    private static final Resolution[] RESOLUTIONS = Resolution.values();

    private ChangeFormat() {}

    static byte[] writeItem(CodedItem item) {
        int levels = item.codes().size();
        ByteBuffer bytes = ByteBuffer.allocate(1 + 1 + 2 * Integer.BYTES * levels + 1 + 2 * Double.BYTES)
                .put(VERSION)
                .put((byte) levels);
        for (int code : item.codes()) {
            bytes.putInt(code);
        }
        for (int code : item.nearestCodes()) {
            bytes.putInt(code);
        }
        return bytes.put((byte) item.resolution().ordinal())
                .putDouble(item.quantisationError())
                .putDouble(item.nearestError())
                .array();
    }

    /**
     * Writes a change.
     *
     * @param before the item before, as {@link #writeItem} wrote it, {@code null} for none
     * @param after the item after, likewise
     */
    static byte[] writeChange(byte[] before, byte[] after) {
        ByteBuffer bytes = ByteBuffer.allocate(1 + size(before) + size(after)).put(VERSION);
        put(bytes, before);
        put(bytes, after);
        return bytes.array();
    }

    static Change readChange(byte[] bytes) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            byte version = buffer.get();
            if (version != VERSION) {
                throw new SerializationException("format version is " + version + ", expected " + VERSION);
            }
            Change value = new Change(get(buffer), get(buffer));
            if (buffer.hasRemaining()) {
                throw new SerializationException(buffer.remaining() + " bytes too many");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new SerializationException("ends after " + bytes.length + " bytes, too early", e);
        }
    }

    private static int size(byte[] item) {
        return item == null ? 1 : item.length - 1;
    }

    private static void put(ByteBuffer bytes, byte[] item) {
        if (item == null) {
            bytes.put(NO_LEVELS);
        } else {
            bytes.put(item, 1, item.length - 1);
        }
    }

    private static CodedItem get(ByteBuffer bytes) {
        int levels = Byte.toUnsignedInt(bytes.get());
        if (levels == 0) {
            return null;
        }
        return new CodedItem(
                getCodes(bytes, levels),
                getCodes(bytes, levels),
                RESOLUTIONS[bytes.get()],
                bytes.getDouble(),
                bytes.getDouble());
    }

    private static List<Integer> getCodes(ByteBuffer bytes, int levels) {
        List<Integer> codes = new ArrayList<>(levels);
        for (int level = 0; level < levels; level++) {
            codes.add(bytes.getInt());
        }
        return codes;
    }
}
