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
abstract class WireFormat<T> implements Serde<T> {
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

    final byte[] toBytes(T value) {
        ByteBuffer out = ByteBuffer.allocate(1 + size(value)).put(version);
        write(value, out);
        if (out.hasRemaining()) {
            throw new IllegalStateException(name + " left " + out.remaining() + " bytes unwritten");
        }
        return out.array();
    }

    final T fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        byte found = in.hasRemaining() ? in.get() : -1;
        if (found != version) {
            throw new SerializationException(name + " has format version " + found + ", expected " + version);
        }
        try {
            T value = read(in);
            if (in.hasRemaining()) {
                throw new SerializationException(name + " has " + in.remaining() + " bytes too many");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw new SerializationException(name + " is truncated at " + bytes.length + " bytes", e);
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
        float[] floats = new float[Short.toUnsignedInt(in.getShort())];
        in.asFloatBuffer().get(floats);
        in.position(in.position() + floats.length * Float.BYTES);
        return floats;
    }

    static int bytes(float[] floats) {
        return Short.BYTES + floats.length * Float.BYTES;
    }
}
