package io.residua.indexer.wire;

import java.nio.ByteBuffer;

/** Version 2 of {@link HeldCode} in the {@code held-codes} store. */
public final class HeldCodeV2 extends WireFormat<HeldCode> {
    public HeldCodeV2() {
        super("held code", 2);
    }

    @Override
    int size(HeldCode held) {
        return Long.BYTES + held.itemId().length;
    }

    @Override
    void write(HeldCode held, ByteBuffer out) {
        out.putLong(held.claim()).put(held.itemId());
    }

    @Override
    HeldCode read(ByteBuffer in) {
        long claim = in.getLong();
        byte[] itemId = new byte[in.remaining()];
        in.get(itemId);
        return new HeldCode(itemId, claim);
    }
}
