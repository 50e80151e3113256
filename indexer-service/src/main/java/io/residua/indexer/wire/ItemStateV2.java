package io.residua.indexer.wire;

import io.residua.indexer.wire.ItemState.Status;
import java.nio.ByteBuffer;

/** Version 2 of {@link ItemState} in the {@code items} store. */
public final class ItemStateV2 extends WireFormat<ItemState> {
    public ItemStateV2() {
        super("item state", 2);
    }

    @Override
    int size(ItemState state) {
        return 1 + state.seen().bytes() + Long.BYTES + Long.BYTES + Codes.bytes(state.code());
    }

    @Override
    void write(ItemState state, ByteBuffer out) {
        out.put(statusByte(state.status())).putLong(state.fingerprint()).putLong(state.claim());
        state.seen().put(out);
        Codes.put(out, state.code());
    }

    @Override
    ItemState read(ByteBuffer in) {
        Status status = status(in.get());
        long fingerprint = in.getLong();
        long claim = in.getLong();
        SeenPositions seen = SeenPositions.get(in);
        return new ItemState(seen, status, fingerprint, Codes.get(in), claim);
    }

    private static byte statusByte(Status status) {
        return switch (status) {
            case CODED -> 0;
            case REFUSED -> 1;
            case DELETED -> 2;
        };
    }

    private static Status status(byte stored) {
        return switch (stored) {
            case 0 -> Status.CODED;
            case 1 -> Status.REFUSED;
            case 2 -> Status.DELETED;
            default -> throw new MalformedRecordException("item state has unknown status " + stored);
        };
    }
}
