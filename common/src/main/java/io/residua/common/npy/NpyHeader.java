package io.residua.common.npy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before the data of a {@code .npy} file: magic string, version, length and a Python dictionary.
 *
 * @param type element type
 * @param order byte order of the elements
 * @param fortranOrder whether columns, not rows, are contiguous
 * @param rows first dimension
 * @param dim second dimension
 * @param dataOffset where the data begin
 */
record NpyHeader(NpyType type, ByteOrder order, boolean fortranOrder, long rows, int dim, long dataOffset) {
    /** Bytes before the data in the files we write: room for any number of rows, and aligned. */
    static final int WRITTEN_BYTES = 128;

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_DICTIONARY = 1 << 20;
    private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(['\"]([^'\"]*)['\"]|\\[)");
    private static final Pattern ORDER = Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^)]*)\\)");

    /**
     * Reads a file's header.
     *
     * @throws IOException naming the file and what about it cannot be read
     */
    static NpyHeader read(FileChannel channel, Path file) throws IOException {
        ByteBuffer start = read(channel, 0, 8, file);
        for (byte expected : MAGIC) {
            if (start.get() != expected) {
                throw new IOException(file + " is no .npy file: it does not begin with \\x93NUMPY");
            }
        }
        int version = start.get();
        if (version < 1 || version > 3) {
            throw new IOException(file + " has .npy version " + version + ", expected 1, 2 or 3");
        }
        int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer lengthField = read(channel, 8, lengthBytes, file);
        long length = version == 1
                ? Short.toUnsignedLong(lengthField.getShort())
                : Integer.toUnsignedLong(lengthField.getInt());
        if (length > MAX_DICTIONARY) {
            throw new IOException(file + " has a header of " + length + " bytes, expected at most " + MAX_DICTIONARY);
        }
        long dictionaryOffset = 8L + lengthBytes;
        ByteBuffer dictionary = read(channel, dictionaryOffset, (int) length, file);
        String text = (version == 3 ? UTF_8 : ISO_8859_1).decode(dictionary).toString();
        return parse(text, dictionaryOffset + length, file);
    }

    private static NpyHeader parse(String dictionary, long dataOffset, Path file) throws IOException {
        String descr = find(DESCR, dictionary, "descr", file).group(2);
        boolean fortranOrder =
                find(ORDER, dictionary, "fortran_order", file).group(1).equals("True");
        List<String> shape = Arrays.stream(
                        find(SHAPE, dictionary, "shape", file).group(1).split(",", -1))
                .map(String::strip)
                .filter(size -> !size.isEmpty())
                .toList();
        if (shape.size() != 2) {
            throw new IOException(file + " has shape (" + String.join(", ", shape) + "), expected two dimensions");
        }
        long dim = size(shape.get(1), file);
        if (dim < 1 || dim > Integer.MAX_VALUE) {
            throw new IOException(file + " has rows of " + dim + " elements, expected 1 to " + Integer.MAX_VALUE);
        }
        return new NpyHeader(
                type(descr, file),
                descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
                fortranOrder,
                size(shape.get(0), file),
                (int) dim,
                dataOffset);
    }

    private static Matcher find(Pattern pattern, String dictionary, String key, Path file) throws IOException {
        Matcher matcher = pattern.matcher(dictionary);
        if (!matcher.find()) {
            throw new IOException(file + " has no readable '" + key + "' in its header: " + dictionary.strip());
        }
        return matcher;
    }

    private static NpyType type(String descr, Path file) throws IOException {
        for (NpyType type : List.of(NpyType.FLOAT16, NpyType.FLOAT32, NpyType.FLOAT64)) {
            if (descr != null && descr.matches("[<>]" + type.code())) {
                return type;
            }
        }
        String there = descr == null ? "structured" : "'" + descr + "'";
        throw new IOException(file + " has dtype " + there + ", expected float16, float32 or float64 (f2, f4, f8)");
    }

    private static long size(String text, Path file) throws IOException {
        // Python 2 wrote long integers as 40L.
        String digits = text.endsWith("L") ? text.substring(0, text.length() - 1) : text;
        try {
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IOException(file + " has '" + text + "' in its shape, expected a size", e);
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int length, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException(file + " is no .npy file: it ends in the header, after "
                        + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }

    /** The header, version 1, of a little-endian C-order file: {@value #WRITTEN_BYTES} bytes whatever the row count. */
    static ByteBuffer write(NpyType type, long rows, int dim) {
        String dictionary =
                "{'descr': '<" + type.code() + "', 'fortran_order': False, 'shape': (" + rows + ", " + dim + "), }";
        ByteBuffer header = ByteBuffer.allocate(WRITTEN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(header.array(), (byte) ' ');
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (WRITTEN_BYTES - 10));
        header.put(dictionary.getBytes(ISO_8859_1)).put(WRITTEN_BYTES - 1, (byte) '\n');
        return header.rewind();
    }
}
