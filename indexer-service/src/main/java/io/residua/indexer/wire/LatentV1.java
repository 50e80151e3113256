package io.residua.indexer.wire;

import io.residua.indexer.wire.Latent.Deleted;
import io.residua.indexer.wire.Latent.Encoded;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;

/** Version 1 of {@link Latent} on {@code latents}. */
public final class LatentV1 extends WireFormat<Latent> {
    private static final byte ENCODED = 0;
    private static final byte DELETED = 1;
    private static final int POSITION_BYTES = Integer.BYTES + Long.BYTES + Long.BYTES;

    public LatentV1() {
        super("latent", 1);
    }

    /** The value of the record that carries {@code latent}. */
    public byte[] encode(Latent latent) {
        return toBytes(latent);
    }

    @Override
    int size(Latent latent) {
        int head = 1 + POSITION_BYTES;
        if (latent instanceof Encoded encoded) {
            return head + Long.BYTES + Double.BYTES + Codes.bytes(encoded.codes()) + bytes(encoded.z());
        }
        return head;
    }

    @Override
    void write(Latent latent, ByteBuffer out) {
        SourcePosition position = latent.position();
        out.put(latent instanceof Encoded ? ENCODED : DELETED)
                .putInt(position.partition())
                .putLong(position.offset())
                .putLong(position.timestamp());
        if (latent instanceof Encoded encoded) {
            out.putLong(encoded.fingerprint()).putDouble(encoded.norm());
            Codes.put(out, encoded.codes());
            putFloats(out, encoded.z());
        }
    }

    @Override
    Latent read(ByteBuffer in) {
        byte kind = in.get();
        SourcePosition position = new SourcePosition(in.getInt(), in.getLong(), in.getLong());
        return switch (kind) {
            case ENCODED -> new Encoded(position, in.getLong(), in.getDouble(), Codes.get(in), getFloats(in));
            case DELETED -> new Deleted(position);
            default -> throw new SerializationException("latent is of unknown kind " + kind);
        };
    }
}
