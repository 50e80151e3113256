package io.residua.common.safetensors;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors in a file of the safetensors format: the length of a header as a 64-bit integer, the header as JSON, then
 * the tensors' bytes. Read through a memory map, so that only what is looked at is loaded; the file may be replaced
 * meanwhile (by a move), but not truncated. A tensor has at most 2 GiB.
 */
public final class Safetensors {
    /** Longest header, in bytes, that the format allows. */
    static final long MAX_HEADER = 100_000_000;

    private static final int ALIGNMENT = 8;

    private final Path file;
    private final Map<String, Tensor> tensors;
    private final Map<String, String> metadata;

    private Safetensors(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        this.file = file;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Opens a file and validates it.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public static Safetensors read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, file);
        }
    }

    private static Safetensors read(FileChannel channel, Path file) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES) {
            throw invalid(file, "it has " + size + " bytes, expected at least " + Long.BYTES, null);
        }
        long length = map(channel, 0, Long.BYTES).getLong();
        long dataOffset = Long.BYTES + length;
        if (length < 0 || length > MAX_HEADER || dataOffset > size) {
            throw invalid(
                    file,
                    "its header has " + Long.toUnsignedString(length) + " bytes, expected at most "
                            + Math.min(MAX_HEADER, size - Long.BYTES),
                    null);
        }
        byte[] json = new byte[(int) length];
        map(channel, Long.BYTES, length).get(json);
        try {
            SafetensorsHeader header = SafetensorsHeader.read(json, size - dataOffset);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (Map.Entry<String, SafetensorsHeader.Entry> entry :
                    header.entries().entrySet()) {
                tensors.put(entry.getKey(), tensor(channel, dataOffset, entry.getKey(), entry.getValue()));
            }
            return new Safetensors(file, tensors, header.metadata);
        } catch (IOException e) {
            throw invalid(file, e.getMessage(), e);
        }
    }

    private static Tensor tensor(FileChannel channel, long dataOffset, String name, SafetensorsHeader.Entry entry)
            throws IOException {
        long bytes = entry.end() - entry.begin();
        if (bytes > Integer.MAX_VALUE) {
            throw new IOException(
                    "tensor '" + name + "' has " + bytes + " bytes, expected at most " + Integer.MAX_VALUE);
        }
        DType dtype = SafetensorsHeader.dtype(name, entry);
        return new Tensor(dtype, map(channel, dataOffset + entry.begin(), bytes), entry.shape());
    }

    private static ByteBuffer map(FileChannel channel, long offset, long bytes) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static IOException invalid(Path file, String why, Throwable cause) {
        return new IOException(file + " is not a valid safetensors file: " + why, cause);
    }

    /**
     * Writes a file; what was there is replaced in one step when all is on disk.
     *
     * @param tensors by their names; the file keeps the map's order
     * @param metadata texts for readers of the file; may be empty
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Path part = DurableFiles.beside(file);
        try (FileChannel channel = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(channel, header(tensors, metadata));
            for (Tensor tensor : tensors.values()) {
                write(channel, tensor.bytes());
            }
            channel.force(true);
        }
        DurableFiles.moveInto(part, file);
    }

    private static ByteBuffer header(Map<String, Tensor> tensors, Map<String, String> metadata) {
        SafetensorsHeader header = new SafetensorsHeader();
        header.metadata = metadata;
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Tensor tensor = entry.getValue();
            long end = offset + tensor.bytes().remaining();
            header.add(
                    entry.getKey(),
                    new SafetensorsHeader.Entry(tensor.dtype().name(), tensor.shape(), new long[] {offset, end}));
            offset = end;
        }
        byte[] json = header.write();
        // Spaces up to the next multiple of 8, so that whoever maps the file finds the data aligned.
        int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(bytes.array(), (byte) ' ');
        return bytes.putLong(length).put(json).rewind();
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Names of the tensors, in the order of the header. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** All tensors by name, in the order of the header. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The file's metadata; may be empty. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * A tensor.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(file + " has no tensor '" + name + "', only " + tensors.keySet());
        }
        return tensor;
    }
}
