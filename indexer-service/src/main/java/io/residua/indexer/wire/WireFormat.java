package io.residua.indexer.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * A compact binary form of internal records. Its first byte is the version, so that a later release can read what an
 * earlier one left in a topic or store.
 */
public abstract class WireFormat<T> implements Serde<T> {
    private final String name;
    private final byte version;

    WireFormat(String name, int version) {
        this.name = name;
        this.version = (byte) version;
    }

    /** Bytes that {@link #write} will put. */
    abstract int size(T value);

    abstract void write(T value, ByteBuffer out);

    abstract T read(ByteBuffer in);

    /** The stored form of {@code value}. */
    public final byte[] toBytes(T value) {
        ByteBuffer out = ByteBuffer.allocate(1 + size(value)).put(version);
        write(value, out);
        if (out.hasRemaining()) {
            throw new IllegalStateException(name + " left " + out.remaining() + " bytes unwritten");
        }
        return out.array();
    }

    /**
     * Reads the stored form.
     *
     * @throws NewerFormatException if a later release wrote it
     * @throws MalformedRecordException if it is {@code null} or not what {@link #toBytes} writes
     */
    public final T fromBytes(byte[] bytes) {
        if (bytes == null || bytes.length == 0) {
            throw new MalformedRecordException(name + " is empty");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte found = in.get();
        if (found > version) {
            throw new NewerFormatException(name + " has format version " + found + ", this release reads up to "
                    + version + "; upgrade this replica");
        }
        if (found != version) {
            throw new MalformedRecordException(name + " has format version " + found + ", expected " + version);
        }
        try {
            T value = read(in);
            if (in.hasRemaining()) {
                throw new MalformedRecordException(name + " has " + in.remaining() + " bytes too many");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new MalformedRecordException(name + " is truncated at " + bytes.length + " bytes", e);
        }
    }

    @Override
    public final Serializer<T> serializer() {
        return (topic, value) -> value == null ? null : toBytes(value);
    }

    @Override
    public final Deserializer<T> deserializer() {
        return (topic, bytes) -> bytes == null ? null : fromBytes(bytes);
    }

    static void putFloats(ByteBuffer out, float[] floats) {
        out.putShort((short) floats.length);
        out.asFloatBuffer().put(floats);
        out.position(out.position() + floats.length * Float.BYTES);
    }

    static float[] getFloats(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        requireRemaining(in, length * Float.BYTES);
        float[] floats = new float[length];
        in.asFloatBuffer().get(floats);
        in.position(in.position() + length * Float.BYTES);
        return floats;
    }

    static int bytes(float[] floats) {
        return Short.BYTES + floats.length * Float.BYTES;
    }

    static void putBytes(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }

    static byte[] getBytes(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        requireRemaining(in, length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** A length that a damaged record claims must not be allocated first. */
    static void requireRemaining(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
    }

    /** Bytes that are not what this release writes; skipping the record loses nothing that could be read. */
    public static final class MalformedRecordException extends SerializationException {
        private static final long serialVersionUID = 1L;

        public MalformedRecordException(String message) {
            super(message);
        }

        MalformedRecordException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Bytes that a later release wrote; skipping the record would lose it. */
    public static final class NewerFormatException extends SerializationException {
        private static final long serialVersionUID = 1L;

        NewerFormatException(String message) {
            super(message);
        }
    }
}
