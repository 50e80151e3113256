package io.residua.trainer.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.embedding.InvalidEmbeddingException;
import io.residua.common.embedding.ItemIds;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.common.topic.TopicTail;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
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
    private final Dimensions dimensions = new Dimensions();
    private final Path folder;
    private RowScratch rows;
    private float[] vector;
    private long accepted;
    private long refused;

    private EmbeddingSnapshot(Path folder, float[] vector) {
        this.folder = folder;
        this.vector = vector;
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
     * appear when they are complete, the matrix last. Embeddings are those of the dimension that most have; when that is
     * not the first one's, the topic is read twice.
     *
     * @param reader a consumer without a group
     * @param stop gives up when it says so
     * @throws CancellationException if {@code stop} said so
     * @throws IllegalArgumentException if there is no embedding, or more records are refused than are embeddings
     */
    public static Summary take(Consumer<byte[], byte[]> reader, String topic, Path folder, BooleanSupplier stop)
            throws IOException {
        int dim;
        try (EmbeddingSnapshot snapshot = new EmbeddingSnapshot(folder, null)) {
            snapshot.read(reader, topic, stop);
            dim = snapshot.dimensions.mostFrequent();
            if (dim == snapshot.dim()) {
                return snapshot.write(topic);
            }
            LOG.warnf("snapshot begun again topic=%s first-dim=%d most-frequent-dim=%d", topic, snapshot.dim(), dim);
        }
        try (EmbeddingSnapshot snapshot = new EmbeddingSnapshot(folder, new float[dim])) {
            snapshot.read(reader, topic, stop);
            return snapshot.write(topic);
        }
    }

    private int dim() {
        return vector == null ? 0 : vector.length;
    }

    private void read(Consumer<byte[], byte[]> reader, String topic, BooleanSupplier stop) {
        if (!new TopicTail(reader, Set.of(topic)).readToInitialEnds(stop, this::accept)) {
            throw new CancellationException("the snapshot of " + topic + " was given up");
        }
    }

    private Summary write(String topic) throws IOException {
        if (live.isEmpty()) {
            throw new IllegalArgumentException(
                    "there is no embedding in " + topic + " (" + refused + " records were refused)");
        }
        if (refused > accepted) {
            throw new IllegalArgumentException(refused + " records of " + topic + " were refused, more than the "
                    + accepted + " that are embeddings of dimension " + dim());
        }
        rows.write(live, folder.resolve("items.jsonl"), folder.resolve("embeddings.npy"));
        Summary summary = new Summary(live.cardinality(), dim(), refused);
        LOG.infof(
                "snapshot taken topic=%s rows=%d dim=%d refused=%d",
                topic, summary.rows(), summary.dim(), summary.refusedRecords());
        return summary;
    }

    private void accept(ConsumerRecord<byte[], byte[]> record) {
        try {
            String id = ItemIds.require(record.key());
            if (record.value() != null) {
                decode(record);
                accepted++;
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

    private void decode(ConsumerRecord<byte[], byte[]> record) throws InvalidEmbeddingException {
        if (vector == null) {
            vector = decodeAnyDim(record);
        } else {
            try {
                EmbeddingFormat.decode(record.value(), record.headers(), vector.length, FloatBuffer.wrap(vector));
            } catch (InvalidEmbeddingException e) {
                dimensions.count(decodeAnyDim(record).length);
                throw e;
            }
        }
        dimensions.count(vector.length);
    }

    private static float[] decodeAnyDim(ConsumerRecord<byte[], byte[]> record) throws InvalidEmbeddingException {
        float[] decoded = new float[dimOf(record)];
        EmbeddingFormat.decode(record.value(), record.headers(), decoded.length, FloatBuffer.wrap(decoded));
        return decoded;
    }

    /** The dimension a record has if it is an embedding; 1 if it is none. */
    private static int dimOf(ConsumerRecord<byte[], byte[]> record) {
        Header type = record.headers().lastHeader(CloudEvents.CONTENT_TYPE);
        boolean raw = type != null
                && type.value() != null
                && new String(type.value(), StandardCharsets.UTF_8)
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .startsWith(CloudEvents.OCTET_STREAM);
        if (!raw) {
            OptionalInt json = jsonDim(record.value());
            if (json.isPresent() || type != null) {
                return json.orElse(1);
            }
        }
        return Math.max(1, record.value().length / Float.BYTES);
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
