package io.residua.common.npy;

import io.residua.common.io.DurableFiles;
import io.residua.common.io.Float16;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Writes a matrix as a little-endian, C-order {@code .npy} file (version 1), row by row; the number of rows need not be
 * known before. The file appears, complete, with {@link #commit()}; closed without it, nothing is left and a file that
 * was there before stays. Not for use by several threads.
 */
public final class NpyWriter implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final Path part;
    private final NpyType type;
    private final int dim;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private long rows;

    private NpyWriter(Path file, NpyType type, int dim) throws IOException {
        this.file = file;
        this.part = DurableFiles.beside(file);
        this.type = type;
        this.dim = dim;
        this.channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        buffer.put(NpyHeader.write(type, 0, dim));
    }

    /** Begins a file with rows of {@code dim} elements. */
    public static NpyWriter create(Path file, NpyType type, int dim) throws IOException {
        if (dim < 1) {
            throw new IllegalArgumentException("dim is " + dim + ", expected at least 1");
        }
        return new NpyWriter(file, type, dim);
    }

    /** Appends a row of floats to a file of a floating-point type; to float16 the nearest is written, ties to even. */
    public void writeRow(float[] source, int offset) throws IOException {
        requireRow(type != NpyType.INT64, "floats", source.length, offset);
        int done = 0;
        while (done < dim) {
            int n = Math.min(dim - done, room());
            switch (type) {
                case FLOAT32 -> {
                    buffer.asFloatBuffer().put(source, offset + done, n);
                    buffer.position(buffer.position() + n * Float.BYTES);
                }
                case FLOAT16 -> {
                    for (int i = 0; i < n; i++) {
                        buffer.putShort(Float16.fromFloat(source[offset + done + i]));
                    }
                }
                default -> {
                    for (int i = 0; i < n; i++) {
                        buffer.putDouble(source[offset + done + i]);
                    }
                }
            }
            done += n;
        }
        rows++;
    }

    /** Appends a row of doubles to a {@link NpyType#FLOAT64} file. */
    public void writeRow(double[] source, int offset) throws IOException {
        requireRow(type == NpyType.FLOAT64, "doubles", source.length, offset);
        for (int done = 0; done < dim; ) {
            int n = Math.min(dim - done, room());
            buffer.asDoubleBuffer().put(source, offset + done, n);
            buffer.position(buffer.position() + n * Double.BYTES);
            done += n;
        }
        rows++;
    }

    /** Appends a row of integers to an {@link NpyType#INT64} file. */
    public void writeRow(long[] source, int offset) throws IOException {
        requireRow(type == NpyType.INT64, "integers", source.length, offset);
        for (int done = 0; done < dim; ) {
            int n = Math.min(dim - done, room());
            buffer.asLongBuffer().put(source, offset + done, n);
            buffer.position(buffer.position() + n * Long.BYTES);
            done += n;
        }
        rows++;
    }

    /** Puts the row count into the header, forces everything to disk and moves the file to its place. */
    public void commit() throws IOException {
        flush();
        ByteBuffer header = NpyHeader.write(type, rows, dim);
        while (header.hasRemaining()) {
            channel.write(header, header.position());
        }
        channel.force(true);
        channel.close();
        DurableFiles.moveInto(part, file);
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            channel.close();
        }
        Files.deleteIfExists(part);
    }

    private void requireRow(boolean typeFits, String what, int length, int offset) {
        if (!typeFits) {
            throw new IllegalStateException(file + " holds " + type + ", not " + what);
        }
        Objects.checkFromIndexSize(offset, dim, length);
    }

    /** Elements the buffer has room for, at least one. */
    private int room() throws IOException {
        if (buffer.remaining() < type.bytes()) {
            flush();
        }
        return buffer.remaining() / type.bytes();
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
