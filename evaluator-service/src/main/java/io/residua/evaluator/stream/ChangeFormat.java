package io.residua.evaluator.stream;

import io.residua.common.event.Resolution;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * How items and changes are written between and inside the stages, version 1, big-endian: a version byte, then one item,
 * or for a change the item before and the item after. An item is a byte with its number of levels, 0 for none; then its
 * codes and its nearest codes as int32, the resolution's number as a byte, and both errors as float64.
 */
final class ChangeFormat {
    private static final byte VERSION = 1;
    private static final Resolution[] RESOLUTIONS = Resolution.values();

    private ChangeFormat() {}

    static Serde<CodedItem> itemSerde() {
        return Serdes.serdeFrom((topic, item) -> writeItem(item), (topic, bytes) -> readItem(bytes));
    }

    static Serde<Change> changeSerde() {
        return Serdes.serdeFrom((topic, change) -> writeChange(change), (topic, bytes) -> readChange(bytes));
    }

    static byte[] writeItem(CodedItem item) {
        if (item == null) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.allocate(1 + size(item)).put(VERSION);
        put(bytes, item);
        return bytes.array();
    }

    static CodedItem readItem(byte[] bytes) {
        return bytes == null ? null : read(bytes, ChangeFormat::get);
    }

    static byte[] writeChange(Change change) {
        ByteBuffer bytes = ByteBuffer.allocate(1 + size(change.before()) + size(change.after()))
                .put(VERSION);
        put(bytes, change.before());
        put(bytes, change.after());
        return bytes.array();
    }

    static Change readChange(byte[] bytes) {
        return read(bytes, buffer -> new Change(get(buffer), get(buffer)));
    }

    private static <T> T read(byte[] bytes, Function<ByteBuffer, T> content) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            byte version = buffer.get();
            if (version != VERSION) {
                throw new SerializationException("format version is " + version + ", expected " + VERSION);
            }
            T value = content.apply(buffer);
            if (buffer.hasRemaining()) {
                throw new SerializationException(buffer.remaining() + " bytes too many");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new SerializationException("ends after " + bytes.length + " bytes, too early", e);
        }
    }

    private static int size(CodedItem item) {
        return item == null ? 1 : 1 + 8 * item.codes().size() + 1 + 16;
    }

    private static void put(ByteBuffer bytes, CodedItem item) {
        if (item == null) {
            bytes.put((byte) 0);
            return;
        }
        bytes.put((byte) item.codes().size());
        item.codes().forEach(bytes::putInt);
        item.nearestCodes().forEach(bytes::putInt);
        bytes.put((byte) item.resolution().ordinal())
                .putDouble(item.quantisationError())
                .putDouble(item.nearestError());
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
