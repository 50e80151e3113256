package io.residua.common.npy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * A matrix in NumPy's {@code .npy} format, read through a memory map: what is not looked at is not read, and the heap
 * holds nothing of it. Format versions 1 to 3; float16, float32 and float64 of either byte order; rows or columns
 * contiguous; any size. Several threads may read at once. The file must not be truncated meanwhile.
 */
public final class NpyFile implements AutoCloseable {
    /** 2²⁷ elements: at most 1 GiB per mapping. */
    private static final int SEGMENT_SHIFT = 27;

    private final Path file;
    private final NpyHeader header;
    private volatile MappedElements elements;

    private NpyFile(Path file, NpyHeader header, MappedElements elements) {
        this.file = file;
        this.header = header;
        this.elements = elements;
    }

    /**
     * Opens a file.
     *
     * @throws IOException naming the file and what is wrong with it: no {@code .npy} file, another element type, not two
     *     dimensions, or fewer bytes than the header promises
     */
    public static NpyFile open(Path file) throws IOException {
        return open(file, SEGMENT_SHIFT);
    }

    static NpyFile open(Path file, int segmentShift) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, expected a .npy file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            NpyHeader header = NpyHeader.read(channel, file);
            long elements = requireComplete(header, channel.size(), file);
            return new NpyFile(
                    file,
                    header,
                    new MappedElements(
                            channel, header.dataOffset(), elements, header.type(), header.order(), segmentShift));
        }
    }

    private static long requireComplete(NpyHeader header, long size, Path file) throws IOException {
        long there = size - header.dataOffset();
        long rowsThere = there / header.type().bytes() / header.dim();
        if (header.rows() < 0 || header.rows() > rowsThere) {
            throw new EOFException(file + " is truncated: " + Long.toUnsignedString(header.rows()) + " rows of "
                    + header.dim() + " elements of " + header.type().bytes() + " bytes, but only " + there
                    + " bytes of data");
        }
        return header.rows() * header.dim();
    }

    /** Number of rows. */
    public long rows() {
        return header.rows();
    }

    /** Elements per row. */
    public int dim() {
        return header.dim();
    }

    /** Type of the elements in the file. */
    public NpyType type() {
        return header.type();
    }

    /**
     * Reads a row; float64 elements are rounded to float32.
     *
     * @param row from 0 on
     * @param target receives {@link #dim()} floats
     * @param offset index in {@code target} of the first of them
     */
    public void readRow(long row, float[] target, int offset) {
        readRows(row, 1, target, offset);
    }

    /**
     * Reads consecutive rows, row-major. Float32 in C order is copied in bulk; in Fortran order reading many rows at
     * once is much cheaper than one by one.
     *
     * @param first index of the first row
     * @param count how many
     * @param target receives {@code count ·} {@link #dim()} floats
     * @param offset index in {@code target} of the first of them
     */
    public void readRows(long first, int count, float[] target, int offset) {
        MappedElements mapped = elements;
        if (mapped == null) {
            throw new IllegalStateException(file + " is closed");
        }
        int dim = dim();
        int length = Math.multiplyExact(count, dim);
        Objects.checkFromIndexSize(first, count, rows());
        Objects.checkFromIndexSize(offset, length, target.length);
        if (header.fortranOrder()) {
            readColumnwise(mapped, first, count, target, offset);
        } else {
            mapped.read(first * dim, length, target, offset);
        }
    }

    private void readColumnwise(MappedElements mapped, long first, int count, float[] target, int offset) {
        int dim = dim();
        for (int column = 0; column < dim; column++) {
            long start = column * rows() + first;
            for (int i = 0; i < count; i++) {
                target[offset + i * dim + column] = mapped.get(start + i);
            }
        }
    }

    /** Lets go of the file; the mapping itself disappears with the next garbage collections. */
    @Override
    public void close() {
        elements = null;
    }

    @Override
    public String toString() {
        return file + " [" + rows() + " × " + dim() + " " + header.type() + "]";
    }
}
