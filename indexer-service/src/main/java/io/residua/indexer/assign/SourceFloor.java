package io.residua.indexer.assign;

import io.residua.indexer.wire.SourcePosition;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Offsets of the embeddings topic below which every record has been answered. What still arrives for a record below the
 * floor is a repetition; for an item that is unknown here, one that was deleted and forgotten.
 *
 * @param capturedAt when these were the ends of the topic, milliseconds since the epoch
 * @param offsets by source partition
 */
public record SourceFloor(long capturedAt, Map<Integer, Long> offsets) {
    /** Nothing is known to be answered. */
    public static final SourceFloor NONE = new SourceFloor(Long.MIN_VALUE, Map.of());

    public SourceFloor {
        offsets = Map.copyOf(offsets);
    }

    boolean isAbove(SourcePosition position) {
        return position.offset() < offsets.getOrDefault(position.partition(), 0L);
    }

    byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(Long.BYTES + offsets.size() * (Integer.BYTES + Long.BYTES));
        out.putLong(capturedAt);
        new TreeMap<>(offsets)
                .forEach((partition, offset) -> out.putInt(partition).putLong(offset));
        return out.array();
    }

    static SourceFloor fromBytes(byte[] bytes) {
        if (bytes == null) {
            return NONE;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long capturedAt = in.getLong();
        Map<Integer, Long> offsets = new TreeMap<>();
        while (in.hasRemaining()) {
            offsets.put(in.getInt(), in.getLong());
        }
        return new SourceFloor(capturedAt, offsets);
    }
}
