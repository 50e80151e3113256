package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far a read model is. Stored in the write that brings the model there, so that both are always in step. Immutable.
 */
final class ReadPosition {
    /** Changes with the form of any row: a model in another form is built anew. */
    private static final int FORMAT = 1;

    private final String topicId;
    private final long[] offsets;
    private final long items;
    private final Instant currentAt;

    private ReadPosition(String topicId, long[] offsets, long items, Instant currentAt) {
        this.topicId = topicId;
        this.offsets = offsets;
        this.items = items;
        this.currentAt = currentAt;
    }

    /** Before the first record of a topic. */
    static ReadPosition start(String topicId, int partitions, Instant now) {
        return new ReadPosition(topicId, new long[partitions], 0, now);
    }

    /** The position after records below {@code newOffsets}, with {@code newItems} items. */
    ReadPosition advancedTo(long[] newOffsets, long newItems) {
        return new ReadPosition(topicId, newOffsets.clone(), newItems, currentAt);
    }

    /** The same position, known to have held everything that was in the topic at {@code instant}. */
    ReadPosition currentAt(Instant instant) {
        return new ReadPosition(topicId, offsets, items, instant);
    }

    /** Whether it is a position in a topic with this id and so many partitions. */
    boolean isIn(String otherTopicId, int partitions) {
        return topicId.equals(otherTopicId) && offsets.length == partitions;
    }

    /** Every record of {@code partition} below this offset has been applied. */
    long offset(int partition) {
        return offsets[partition];
    }

    /** The offset of each partition below which every record has been applied. */
    SortedMap<Integer, Long> offsets() {
        SortedMap<Integer, Long> byPartition = new TreeMap<>();
        for (int partition = 0; partition < offsets.length; partition++) {
            byPartition.put(partition, offsets[partition]);
        }
        return byPartition;
    }

    /** Whether it is at or beyond {@code other} in every partition. */
    boolean covers(ReadPosition other) {
        for (int partition = 0; partition < offsets.length; partition++) {
            if (offsets[partition] < other.offsets[partition]) {
                return false;
            }
        }
        return true;
    }

    boolean hasOffsets(long[] others) {
        return Arrays.equals(offsets, others);
    }

    /** Differs from that of any other position of any topic. */
    String tag() {
        StringBuilder tag = new StringBuilder(topicId);
        for (long offset : offsets) {
            tag.append('-').append(offset);
        }
        return tag.toString();
    }

    /** Items that have a code. */
    long items() {
        return items;
    }

    /** The last time at which the model is known to have held everything that was in the topic. */
    Instant currentAt() {
        return currentAt;
    }

    byte[] toBytes() {
        byte[] id = topicId.getBytes(US_ASCII);
        ByteBuffer out =
                ByteBuffer.allocate(4 * Integer.BYTES + 2 * Long.BYTES + id.length + offsets.length * Long.BYTES);
        out.putInt(FORMAT).putInt(id.length).put(id).putLong(items).putLong(currentAt.toEpochMilli());
        out.putInt(offsets.length);
        for (long offset : offsets) {
            out.putLong(offset);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    /** What {@link #toBytes} wrote; nothing if {@code bytes} have another form. */
    static Optional<ReadPosition> fromBytes(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.getInt() != FORMAT) {
                return Optional.empty();
            }
            byte[] id = new byte[in.getInt()];
            in.get(id);
            long items = in.getLong();
            Instant currentAt = Instant.ofEpochMilli(in.getLong());
            long[] offsets = new long[in.getInt()];
            for (int partition = 0; partition < offsets.length; partition++) {
                offsets[partition] = in.getLong();
            }
            return Optional.of(new ReadPosition(new String(id, US_ASCII), offsets, items, currentAt));
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            return Optional.empty();
        }
    }
}
