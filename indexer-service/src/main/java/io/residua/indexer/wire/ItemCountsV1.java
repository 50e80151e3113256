package io.residua.indexer.wire;

import java.nio.ByteBuffer;

/** Version 1 of {@link ItemCounts} on {@code counts}. */
public final class ItemCountsV1 extends WireFormat<ItemCounts> {
    public ItemCountsV1() {
        super("item counts", 1);
    }

    @Override
    int size(ItemCounts counts) {
        return Long.BYTES + Long.BYTES;
    }

    @Override
    void write(ItemCounts counts, ByteBuffer out) {
        out.putLong(counts.coded()).putLong(counts.refused());
    }

    @Override
    ItemCounts read(ByteBuffer in) {
        return new ItemCounts(in.getLong(), in.getLong());
    }
}
