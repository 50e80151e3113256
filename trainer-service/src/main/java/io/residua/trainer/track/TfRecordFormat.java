package io.residua.trainer.track;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The framing of TFRecord files: length (uint64), its checksum (uint32), payload, its checksum, all little-endian. A
 * checksum is the CRC-32C, rotated right by 15 bits, plus a constant.
 */
final class TfRecordFormat {
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;
    private static final int MASK = 0xa282ead8;

    private TfRecordFormat() {}

    /** The payload in its frame. */
    static byte[] frame(byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + payload.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(payload.length);
        frame.putInt(checksum(frame.array(), 0, Long.BYTES));
        frame.put(payload);
        frame.putInt(checksum(payload, 0, payload.length));
        return frame.array();
    }

    /**
     * The next payload of a file.
     *
     * @param file its content, positioned behind the records read so far
     * @return nothing at the end, and where the rest was not or badly written
     */
    static Optional<byte[]> next(ByteBuffer file) {
        file.order(ByteOrder.LITTLE_ENDIAN);
        if (file.remaining() < HEADER_BYTES) {
            return Optional.empty();
        }
        byte[] length = new byte[Long.BYTES];
        file.get(file.position(), length);
        long bytes = file.getLong();
        if (file.getInt() != checksum(length, 0, length.length)
                || bytes < 0
                || bytes > file.remaining() - Integer.BYTES) {
            return Optional.empty();
        }
        byte[] payload = new byte[(int) bytes];
        file.get(payload);
        return file.getInt() == checksum(payload, 0, payload.length) ? Optional.of(payload) : Optional.empty();
    }

    private static int checksum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
    }
}
