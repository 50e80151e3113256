package io.residua.indexer.wire;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommand.NoFreeCode;
import java.nio.ByteBuffer;

/** Version 2 of {@link ItemCommand} on {@code grants}. */
public final class ItemCommandV2 extends WireFormat<ItemCommand> {
    private static final byte GRANT = 0;
    private static final byte NO_FREE_CODE = 1;
    private static final byte DELETED = 2;

    public ItemCommandV2() {
        super("item command", 2);
    }

    @Override
    int size(ItemCommand command) {
        int head = 1 + SourcePosition.BYTES;
        if (command instanceof Grant grant) {
            return head
                    + Long.BYTES
                    + Double.BYTES
                    + Long.BYTES
                    + 1
                    + Double.BYTES
                    + Double.BYTES
                    + Codes.bytes(grant.nearestCodes())
                    + Codes.bytes(grant.codes());
        }
        return command instanceof NoFreeCode ? head + Long.BYTES : head;
    }

    @Override
    void write(ItemCommand command, ByteBuffer out) {
        if (command instanceof Grant grant) {
            out.put(GRANT);
            grant.position().put(out);
            out.putLong(grant.fingerprint())
                    .putDouble(grant.norm())
                    .putLong(grant.claim())
                    .put(resolutionByte(grant.resolution()))
                    .putDouble(grant.quantisationError())
                    .putDouble(grant.nearestError());
            Codes.put(out, grant.nearestCodes());
            Codes.put(out, grant.codes());
        } else if (command instanceof NoFreeCode refusal) {
            out.put(NO_FREE_CODE);
            refusal.position().put(out);
            out.putLong(refusal.fingerprint());
        } else if (command instanceof Deleted deleted) {
            out.put(DELETED);
            deleted.position().put(out);
        }
    }

    @Override
    ItemCommand read(ByteBuffer in) {
        byte kind = in.get();
        SourcePosition position = SourcePosition.get(in);
        return switch (kind) {
            case GRANT -> readGrant(position, in);
            case NO_FREE_CODE -> new NoFreeCode(position, in.getLong());
            case DELETED -> new Deleted(position);
            default -> throw new MalformedRecordException("item command is of unknown kind " + kind);
        };
    }

    private static Grant readGrant(SourcePosition position, ByteBuffer in) {
        long fingerprint = in.getLong();
        double norm = in.getDouble();
        long claim = in.getLong();
        Resolution resolution = resolution(in.get());
        double quantisationError = in.getDouble();
        double nearestError = in.getDouble();
        int[] nearestCodes = Codes.get(in);
        return new Grant(
                position,
                fingerprint,
                norm,
                nearestCodes,
                Codes.get(in),
                claim,
                resolution,
                quantisationError,
                nearestError);
    }

    private static byte resolutionByte(Resolution resolution) {
        return switch (resolution) {
            case NEAREST -> 0;
            case SINKHORN -> 1;
            case SPILLED -> 2;
        };
    }

    private static Resolution resolution(byte stored) {
        return switch (stored) {
            case 0 -> Resolution.NEAREST;
            case 1 -> Resolution.SINKHORN;
            case 2 -> Resolution.SPILLED;
            default -> throw new MalformedRecordException("item command has unknown resolution " + stored);
        };
    }
}
