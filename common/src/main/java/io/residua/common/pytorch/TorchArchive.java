package io.residua.common.pytorch;

import io.residua.common.pytorch.StoredTensor.Storage;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The zip that {@code torch.save} writes: in a folder of any name {@code data.pkl} and, in {@code data/}, each storage's
 * bytes. What nobody asks for is not read.
 */
final class TorchArchive implements AutoCloseable {
    private static final String PICKLE = "/data.pkl";

    private final ZipFile zip;
    private final String folder;
    private final ByteOrder order;
    /** Bytes of an entry at most: torch.save does not compress, and what is packed tighter means harm. */
    private final int limit;

    private final Map<String, ByteBuffer> storages = new HashMap<>();

    /**
     * Opens an archive.
     *
     * @throws IOException saying what is wrong with it
     */
    TorchArchive(Path file) throws IOException {
        limit = (int) Math.min(Integer.MAX_VALUE - 8, 64 * Files.size(file) + (1 << 20));
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException e) {
            throw new IOException("it is damaged or was not written completely (" + e.getMessage() + ")", e);
        }
        try {
            folder = folder(zip);
            order = order();
        } catch (IOException e) {
            zip.close();
            throw e;
        }
    }

    private static String folder(ZipFile zip) throws IOException {
        String folder = zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.length() - PICKLE.length())
                .map(name -> name.substring(0, name.indexOf('/')))
                .findFirst()
                .orElseThrow(() -> new IOException("it is a zip archive, but not one that torch.save wrote"));
        if (zip.getEntry(folder + "/constants.pkl") != null) {
            throw new IOException("it is a TorchScript archive, expected what torch.save wrote");
        }
        return folder;
    }

    private ByteOrder order() throws IOException {
        ZipEntry entry = zip.getEntry(folder + "/byteorder");
        boolean big = entry != null && new String(read(entry), StandardCharsets.US_ASCII).equals("big");
        return big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    /** The pickle that describes everything. */
    byte[] pickle() throws IOException {
        return read(zip.getEntry(folder + PICKLE));
    }

    /**
     * Reads a tensor.
     *
     * @throws IOException if the archive does not hold all of it
     */
    Tensor read(StoredTensor tensor) throws IOException {
        try {
            return tensor.read(bytes(tensor.storage()));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private ByteBuffer bytes(Storage storage) throws IOException {
        ByteBuffer bytes = storages.get(storage.key());
        if (bytes == null) {
            ZipEntry entry = zip.getEntry(folder + "/data/" + storage.key());
            if (entry == null) {
                throw new IOException("has no storage: data/" + storage.key() + " is missing");
            }
            bytes = ByteBuffer.wrap(read(entry));
            storages.put(storage.key(), bytes);
        }
        return bytes.duplicate().order(order);
    }

    private byte[] read(ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new IOException("has an entry, " + entry.getName() + ", that is far larger than the file");
            }
            return bytes;
        }
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
