package io.residua.trainer.snapshot;

import io.residua.common.event.Json;
import io.residua.common.io.DurableFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/** Rows and ids of a snapshot while it is being taken, in scratch files: rows are overwritten in place. */
final class RowScratch implements Closeable {
    private final Path idFile;
    private final Path rowFile;
    private final BufferedWriter ids;
    private final FileChannel rows;
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    private RowScratch(Path idFile, Path rowFile, BufferedWriter ids, FileChannel rows) {
        this.idFile = idFile;
        this.rowFile = rowFile;
        this.ids = ids;
        this.rows = rows;
    }

    static RowScratch open(Path folder) throws IOException {
        Path idFile = folder.resolve(".snapshot-ids.part");
        Path rowFile = folder.resolve(".snapshot-rows.part");
        FileChannel rows = FileChannel.open(
                rowFile,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        return new RowScratch(idFile, rowFile, Files.newBufferedWriter(idFile), rows);
    }

    /** The next item's id; items are numbered in this order. */
    void addItem(String id) throws IOException {
        ids.write(new String(Json.write(id), StandardCharsets.UTF_8));
        ids.write('\n');
    }

    /** An item's embedding; the last one put counts. */
    void put(int item, float[] vector) throws IOException {
        int bytes = vector.length * Float.BYTES;
        if (buffer.capacity() != bytes) {
            buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
        buffer.clear().asFloatBuffer().put(vector);
        for (long at = (long) item * bytes; buffer.hasRemaining(); ) {
            at += rows.write(buffer, at);
        }
    }

    /** Writes the items in {@code live}, in their order. */
    void write(BitSet live, Path idTarget, Path rowTarget) throws IOException {
        ids.close();
        writeIds(live, idTarget);
        int dim = buffer.capacity() / Float.BYTES;
        float[] vector = new float[dim];
        try (NpyWriter writer = NpyWriter.create(rowTarget, NpyType.FLOAT32, dim)) {
            for (int item = live.nextSetBit(0); item >= 0; item = live.nextSetBit(item + 1)) {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    rows.read(buffer, (long) item * buffer.capacity() + buffer.position());
                }
                buffer.flip().asFloatBuffer().get(vector);
                writer.writeRow(vector, 0);
            }
            writer.commit();
        }
    }

    private void writeIds(BitSet live, Path target) throws IOException {
        Path part = DurableFiles.beside(target);
        try (BufferedReader reader = Files.newBufferedReader(idFile);
                BufferedWriter writer = Files.newBufferedWriter(part)) {
            int item = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (live.get(item++)) {
                    writer.write(line);
                    writer.write('\n');
                }
            }
        }
        DurableFiles.moveInto(part, target);
    }

    @Override
    public void close() throws IOException {
        ids.close();
        rows.close();
        Files.deleteIfExists(idFile);
        Files.deleteIfExists(rowFile);
    }
}
