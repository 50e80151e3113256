package io.residua.indexer.wire;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which source records of an item have been seen. Nearly always an item's records come from one partition. If they come
 * from several, because producers partition differently, a record at or below the greatest offset seen of its partition
 * is never newer again: timestamps that contradict the offsets cannot make the order run in circles.
 *
 * @param newest the newest position
 * @param others the greatest offset seen, by partition, of all partitions but that of {@code newest}
 */
public record SeenPositions(SourcePosition newest, Map<Integer, Long> others) {
    public SeenPositions {
        requireNonNull(newest, "newest is null");
        others = Map.copyOf(others);
    }

    /** The first record seen of an item. */
    public static SeenPositions first(SourcePosition position) {
        return new SeenPositions(position, Map.of());
    }

    /** Whether {@code position} supersedes everything seen. */
    public boolean precedes(SourcePosition position) {
        return position.offset() > greatestOffset(position.partition()) && position.newerThan(newest);
    }

    /** Whether {@code position} is of a partition that no record of this item came from before. */
    public boolean isOfAnotherPartition(SourcePosition position) {
        return position.partition() != newest.partition() && !others.containsKey(position.partition());
    }

    /** The same after {@code position} was seen, which may be older. */
    public SeenPositions and(SourcePosition position) {
        if (others.isEmpty() && position.partition() == newest.partition()) {
            return position.offset() > newest.offset() ? first(position) : this;
        }
        boolean newer = precedes(position);
        Map<Integer, Long> offsets = new TreeMap<>(others);
        offsets.merge(newest.partition(), newest.offset(), Math::max);
        offsets.merge(position.partition(), position.offset(), Math::max);
        SourcePosition head = newer ? position : newest;
        offsets.remove(head.partition());
        return new SeenPositions(head, offsets);
    }

    private long greatestOffset(int partition) {
        return partition == newest.partition() ? newest.offset() : others.getOrDefault(partition, -1L);
    }

    int bytes() {
        return SourcePosition.BYTES + Short.BYTES + others.size() * (Integer.BYTES + Long.BYTES);
    }

    void put(ByteBuffer out) {
        newest.put(out);
        out.putShort((short) others.size());
        new TreeMap<>(others)
                .forEach((partition, offset) -> out.putInt(partition).putLong(offset));
    }

    static SeenPositions get(ByteBuffer in) {
        SourcePosition newest = SourcePosition.get(in);
        int count = Short.toUnsignedInt(in.getShort());
        if (count == 0) {
            return first(newest);
        }
        WireFormat.requireRemaining(in, count * (Integer.BYTES + Long.BYTES));
        Map<Integer, Long> others = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            others.put(in.getInt(), in.getLong());
        }
        return new SeenPositions(newest, others);
    }
}
