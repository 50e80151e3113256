package io.residua.indexer.wire;

import java.nio.ByteBuffer;

/**
 * Where and when an embedding was in {@code item-embeddings}.
 *
 * @param partition its partition
 * @param offset its offset there
 * @param timestamp the record's timestamp, milliseconds since the epoch
 */
public record SourcePosition(int partition, long offset, long timestamp) {
    static final int BYTES = Integer.BYTES + Long.BYTES + Long.BYTES;

    /**
     * Whether this record supersedes {@code other} for the same item. Within a partition the offset decides; across
     * partitions, which happens when producers partition differently, the timestamp does, then the partition.
     */
    public boolean newerThan(SourcePosition other) {
        if (partition == other.partition) {
            return offset > other.offset;
        }
        return timestamp != other.timestamp ? timestamp > other.timestamp : partition > other.partition;
    }

    void put(ByteBuffer out) {
        out.putInt(partition).putLong(offset).putLong(timestamp);
    }

    static SourcePosition get(ByteBuffer in) {
        return new SourcePosition(in.getInt(), in.getLong(), in.getLong());
    }
}
