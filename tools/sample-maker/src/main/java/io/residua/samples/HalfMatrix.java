package io.residua.samples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Writes float matrices as {@code .npy} files of float16 (IEEE 754 binary16, little-endian), format version 1.0. */
final class HalfMatrix {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;

    private HalfMatrix() {}

    /**
     * Writes the rows to {@code file}.
     *
     * @param rows at least one, all of one length
     */
    static void write(Path file, List<float[]> rows) throws IOException {
        int columns = rows.get(0).length;
        byte[] header = header(rows.size(), columns);
        ByteBuffer bytes =
                ByteBuffer.allocate(header.length + rows.size() * columns * 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(header);
        for (float[] row : rows) {
            for (float value : row) {
                bytes.putShort(toHalf(value));
            }
        }
        Files.write(file, bytes.array());
    }

    private static byte[] header(int rows, int columns) {
        String description = "{'descr': '<f2', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        int length = MAGIC.length + 2 + description.length() + 1;
        int padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] header = new byte[padded];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) (padded - MAGIC.length - 2))
                .put(description.getBytes(US_ASCII));
        header[padded - 1] = '\n';
        return header;
    }

    /** The float16 nearest to {@code value}, ties to even; too large ones become infinite. */
    static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        double magnitude = Math.abs((double) value);
        if (Double.isNaN(magnitude)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 65520) {
            return (short) (sign | 0x7c00);
        }
        // Below 2^-14 halves are spaced evenly, as in the binade above.
        int exponent = Math.max(Math.getExponent(value), -14);
        int steps = (int) Math.rint(Math.scalb(magnitude, 10 - exponent));
        // A normal number has 1024 to 2048 steps; the carry at 2048 runs into the exponent, which is what is wanted.
        return (short) (sign | (steps + ((exponent + 14) << 10)));
    }
}
