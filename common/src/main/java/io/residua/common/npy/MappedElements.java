package io.residua.common.npy;

import io.residua.common.io.Float16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;

/**
 * The elements of a file as one array of floats, mapped in segments because a Java buffer ends at 2 GiB. A segment holds
 * 2ᵏ elements, so no element lies across two of them; a row may.
 */
final class MappedElements {
    private final NpyType type;
    private final int shift;
    private final ByteBuffer[] segments;
    private final FloatBuffer[] floats;

    /** Maps {@code elements} elements of {@code channel}, from byte {@code offset} on, 2^{@code shift} per segment. */
    MappedElements(FileChannel channel, long offset, long elements, NpyType type, ByteOrder order, int shift)
            throws IOException {
        this.type = type;
        this.shift = shift;
        long perSegment = 1L << shift;
        int count = Math.toIntExact((elements + perSegment - 1) >>> shift);
        segments = new ByteBuffer[count];
        floats = new FloatBuffer[count];
        for (int s = 0; s < count; s++) {
            long first = (long) s << shift;
            long bytes = Math.min(perSegment, elements - first) * type.bytes();
            segments[s] = channel.map(FileChannel.MapMode.READ_ONLY, offset + first * type.bytes(), bytes)
                    .order(order);
            floats[s] = segments[s].asFloatBuffer();
        }
    }

    float get(long index) {
        return decode(segments[(int) (index >>> shift)], inSegment(index));
    }

    /** Reads {@code count} consecutive elements; float32 by bulk copies. */
    void read(long first, int count, float[] target, int offset) {
        int done = 0;
        while (done < count) {
            long index = first + done;
            int start = inSegment(index);
            int n = Math.min(count - done, (1 << shift) - start);
            int segment = (int) (index >>> shift);
            if (type == NpyType.FLOAT32) {
                floats[segment].get(start, target, offset + done, n);
            } else {
                decode(segments[segment], start, n, target, offset + done);
            }
            done += n;
        }
    }

    private int inSegment(long index) {
        return (int) index & (1 << shift) - 1;
    }

    private void decode(ByteBuffer segment, int start, int count, float[] target, int offset) {
        for (int i = 0; i < count; i++) {
            target[offset + i] = decode(segment, start + i);
        }
    }

    private float decode(ByteBuffer segment, int element) {
        return switch (type) {
            case FLOAT16 -> Float16.toFloat(segment.getShort(element * Short.BYTES));
            case FLOAT32 -> segment.getFloat(element * Float.BYTES);
            case FLOAT64 -> (float) segment.getDouble(element * Double.BYTES);
            case INT64 -> throw new IllegalStateException("integers are not read as floats");
        };
    }
}
