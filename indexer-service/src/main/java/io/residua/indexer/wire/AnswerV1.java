package io.residua.indexer.wire;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.Answer.Full;
import io.residua.indexer.wire.Answer.Grant;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.SerializationException;

/** Version 1 of {@link Answer} on {@code grants}. */
public final class AnswerV1 extends WireFormat<Answer> {
    private static final byte GRANT = 0;
    private static final byte FULL = 1;

    public AnswerV1() {
        super("answer", 1);
    }

    @Override
    int size(Answer answer) {
        int head = 1 + Long.BYTES;
        if (answer instanceof Grant grant) {
            return head + Long.BYTES + 1 + Double.BYTES + Double.BYTES + Codes.bytes(grant.codes());
        }
        return head;
    }

    @Override
    void write(Answer answer, ByteBuffer out) {
        out.put(answer instanceof Grant ? GRANT : FULL).putLong(answer.number());
        if (answer instanceof Grant grant) {
            out.putLong(grant.claim())
                    .put(resolutionByte(grant.resolution()))
                    .putDouble(grant.quantisationError())
                    .putDouble(grant.nearestError());
            Codes.put(out, grant.codes());
        }
    }

    @Override
    Answer read(ByteBuffer in) {
        byte kind = in.get();
        long number = in.getLong();
        switch (kind) {
            case GRANT -> {
                long claim = in.getLong();
                Resolution resolution = resolution(in.get());
                double quantisationError = in.getDouble();
                double nearestError = in.getDouble();
                return new Grant(number, Codes.get(in), claim, resolution, quantisationError, nearestError);
            }
            case FULL -> {
                return new Full(number);
            }
            default -> throw new SerializationException("answer is of unknown kind " + kind);
        }
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
            default -> throw new SerializationException("answer has unknown resolution " + stored);
        };
    }
}
