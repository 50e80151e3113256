package io.residua.indexer.wire;

import io.residua.indexer.wire.ItemState.Status;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;

/** Version 1 of {@link ItemState} in the {@code items} store. */
public final class ItemStateV1 extends WireFormat<ItemState> {
    private static final int FIXED =
            1 + Integer.BYTES + Long.BYTES + Long.BYTES + Long.BYTES + Double.BYTES + Long.BYTES + Long.BYTES;

    public ItemStateV1() {
        super("item state", 1);
    }

    @Override
    int size(ItemState state) {
        return FIXED + Codes.bytes(state.nearestCodes()) + Codes.bytes(state.place());
    }

    @Override
    void write(ItemState state, ByteBuffer out) {
        out.put(statusByte(state.status()))
                .putInt(state.position().partition())
                .putLong(state.position().offset())
                .putLong(state.position().timestamp())
                .putLong(state.fingerprint())
                .putDouble(state.norm())
                .putLong(state.number())
                .putLong(state.claim());
        Codes.put(out, state.nearestCodes());
        Codes.put(out, state.place());
    }

    @Override
    ItemState read(ByteBuffer in) {
        Status status = status(in.get());
        SourcePosition position = new SourcePosition(in.getInt(), in.getLong(), in.getLong());
        long fingerprint = in.getLong();
        double norm = in.getDouble();
        long number = in.getLong();
        long claim = in.getLong();
        int[] nearestCodes = Codes.get(in);
        return new ItemState(position, status, fingerprint, norm, nearestCodes, number, Codes.get(in), claim);
    }

    private static byte statusByte(Status status) {
        return switch (status) {
            case PENDING -> 0;
            case CODED -> 1;
            case REFUSED -> 2;
            case DELETED -> 3;
        };
    }

    private static Status status(byte stored) {
        return switch (stored) {
            case 0 -> Status.PENDING;
            case 1 -> Status.CODED;
            case 2 -> Status.REFUSED;
            case 3 -> Status.DELETED;
            default -> throw new SerializationException("item state has unknown status " + stored);
        };
    }
}
