package io.residua.trainer.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;

/**
 * A consistent snapshot of {@code item-embeddings}: the newest embedding of every item that has one, up to the ends the
 * partitions have when it is begun. Embeddings go to disk as they come; the heap holds some 70 bytes per item.
 */
public final class EmbeddingSnapshot implements Closeable {
    private static final Logger LOG = Logger.getLogger(EmbeddingSnapshot.class);

    private final ItemTable items = new ItemTable();
    private final BitSet live = new BitSet();
    private final Path folder;
    private RowScratch rows;
    private float[] vector;
    private long refused;

    private EmbeddingSnapshot(Path folder) {
        this.folder = folder;
    }

    /**
     * What a snapshot holds.
     *
     * @param rows items with an embedding
     * @param dim floats per embedding
     * @param refusedRecords records that are no embedding
     */
    public record Summary(int rows, int dim, long refusedRecords) {}

    /**
     * Takes a snapshot into {@code embeddings.npy} and {@code items.jsonl} (one JSON string per row) of a folder. Both
     * appear when they are complete, the matrix last.
     *
     * @param reader a consumer without a group
     * @param stop gives up when it says so
     * @throws CancellationException if {@code stop} said so
     * @throws IllegalArgumentException if there is no embedding
     */
    public static Summary take(Consumer<byte[], byte[]> reader, String topic, Path folder, BooleanSupplier stop)
            throws IOException {
        try (EmbeddingSnapshot snapshot = new EmbeddingSnapshot(folder)) {
            if (!TopicTail.read(reader, topic, stop, snapshot::accept)) {
                throw new CancellationException("the snapshot of " + topic + " was given up");
            }
            if (snapshot.live.isEmpty()) {
                throw new IllegalArgumentException(
                        "there is no embedding in " + topic + " (" + snapshot.refused + " records were refused)");
            }
            snapshot.rows.write(snapshot.live, folder.resolve("items.jsonl"), folder.resolve("embeddings.npy"));
            Summary summary = new Summary(snapshot.live.cardinality(), snapshot.vector.length, snapshot.refused);
            LOG.infof(
                    "snapshot taken topic=%s rows=%d dim=%d refused=%d",
                    topic, summary.rows(), summary.dim(), summary.refusedRecords());
            return summary;
        }
    }

    private void accept(ConsumerRecord<byte[], byte[]> record) {
        try {
            String id = ItemIds.require(record.key());
            boolean valid = record.value() == null || decode(record);
            if (!valid) {
                refused++;
                return;
            }
            int number = items.number(record.key());
            int item = number < 0 ? -1 - number : number;
            if (number < 0) {
                scratch().addItem(id);
            }
            if (!items.advance(item, record.partition(), record.offset(), record.timestamp())) {
                return;
            }
            live.set(item, record.value() != null);
            if (record.value() != null) {
                rows.put(item, vector);
            }
        } catch (InvalidEmbeddingException e) {
            refused++;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean decode(ConsumerRecord<byte[], byte[]> record) throws InvalidEmbeddingException {
        if (vector == null) {
            OptionalInt dim = dimOf(record);
            if (dim.isEmpty()) {
                return false;
            }
            float[] first = new float[dim.getAsInt()];
            EmbeddingFormat.decode(record.value(), record.headers(), first.length, FloatBuffer.wrap(first));
            vector = first;
        }
        EmbeddingFormat.decode(record.value(), record.headers(), vector.length, FloatBuffer.wrap(vector));
        return true;
    }

    /** The dimension of the first embedding, which all others must have. */
    private static OptionalInt dimOf(ConsumerRecord<byte[], byte[]> record) {
        Header type = record.headers().lastHeader(CloudEvents.CONTENT_TYPE);
        boolean raw = type != null
                && type.value() != null
                && new String(type.value(), StandardCharsets.UTF_8)
                        .toLowerCase(java.util.Locale.ROOT)
                        .startsWith(CloudEvents.OCTET_STREAM);
        if (!raw) {
            OptionalInt json = jsonDim(record.value());
            if (json.isPresent() || type != null) {
                return json;
            }
        }
        int length = record.value().length;
        return length == 0 || length % Float.BYTES != 0 ? OptionalInt.empty() : OptionalInt.of(length / Float.BYTES);
    }

    private static OptionalInt jsonDim(byte[] value) {
        try {
            JsonNode array = Json.read(value, JsonNode.class).path("vector");
            return array.isArray() && !array.isEmpty() ? OptionalInt.of(array.size()) : OptionalInt.empty();
        } catch (IllegalArgumentException e) {
            return OptionalInt.empty();
        }
    }

    private RowScratch scratch() throws IOException {
        if (rows == null) {
            rows = RowScratch.open(folder);
        }
        return rows;
    }

    @Override
    public void close() throws IOException {
        if (rows != null) {
            rows.close();
        }
    }
}
