package io.residua.indexer.wire;

import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;

/** Version 1 of {@link PrefixCommand} on {@code requests} and in the {@code waiting} store. */
public final class PrefixCommandV1 extends WireFormat<PrefixCommand> {
    private static final byte REQUEST = 0;
    private static final byte RELEASE = 1;

    public PrefixCommandV1() {
        super("prefix command", 1);
    }

    @Override
    int size(PrefixCommand command) {
        if (command instanceof Request request) {
            return 1
                    + Short.BYTES
                    + request.itemId().length
                    + Long.BYTES
                    + Codes.bytes(request.codes())
                    + bytes(request.z());
        }
        return 1 + Long.BYTES + Codes.bytes(((Release) command).codes());
    }

    @Override
    void write(PrefixCommand command, ByteBuffer out) {
        if (command instanceof Request request) {
            out.put(REQUEST)
                    .putShort((short) request.itemId().length)
                    .put(request.itemId())
                    .putLong(request.number());
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
                byte[] itemId = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(itemId);
                return new Request(itemId, in.getLong(), Codes.get(in), getFloats(in));
            }
            case RELEASE -> {
                long claim = in.getLong();
                return new Release(Codes.get(in), claim);
            }
            default -> throw new SerializationException("prefix command is of unknown kind " + kind);
        }
    }
}
