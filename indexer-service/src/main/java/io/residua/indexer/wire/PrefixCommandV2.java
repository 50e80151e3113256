package io.residua.indexer.wire;

import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.nio.ByteBuffer;

/** Version 2 of {@link PrefixCommand} on {@code requests} and in the {@code waiting} store. */
public final class PrefixCommandV2 extends WireFormat<PrefixCommand> {
    private static final byte REQUEST = 0;
    private static final byte RELEASE = 1;

    public PrefixCommandV2() {
        super("prefix command", 2);
    }

    @Override
    int size(PrefixCommand command) {
        if (command instanceof Request request) {
            return 1
                    + 1
                    + Short.BYTES
                    + request.itemId().length
                    + SourcePosition.BYTES
                    + Long.BYTES
                    + Double.BYTES
                    + Codes.bytes(request.codes())
                    + bytes(request.z());
        }
        return 1 + Long.BYTES + Codes.bytes(((Release) command).codes());
    }

    @Override
    void write(PrefixCommand command, ByteBuffer out) {
        if (command instanceof Request request) {
            out.put(REQUEST).put((byte) request.spills());
            putBytes(out, request.itemId());
            request.position().put(out);
            out.putLong(request.fingerprint()).putDouble(request.norm());
            Codes.put(out, request.codes());
            putFloats(out, request.z());
        } else if (command instanceof Release release) {
            out.put(RELEASE).putLong(release.claim());
            Codes.put(out, release.codes());
        }
    }

    @Override
    PrefixCommand read(ByteBuffer in) {
        byte kind = in.get();
        switch (kind) {
            case REQUEST -> {
                int spills = Byte.toUnsignedInt(in.get());
                byte[] itemId = getBytes(in);
                return new Request(
                        itemId,
                        SourcePosition.get(in),
                        in.getLong(),
                        in.getDouble(),
                        Codes.get(in),
                        getFloats(in),
                        spills);
            }
            case RELEASE -> {
                long claim = in.getLong();
                return new Release(Codes.get(in), claim);
            }
            default -> throw new MalformedRecordException("prefix command is of unknown kind " + kind);
        }
    }

    /** Whether a stored command is a request that another prefix passed on. */
    public static boolean isSpilled(byte[] bytes) {
        return bytes.length > 2 && bytes[1] == REQUEST && bytes[2] != 0;
    }
}
