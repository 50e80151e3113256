package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** The records of an index as a test tells them: two dimensions, and codebooks of 4, 4 and 8 entries. */
final class HistoryBuilder {
    static final String MODEL = "model-a";
    static final ModelShape SHAPE = new ModelShape(2, List.of(), 2, List.of(4, 4, 8));
    private static final String SOURCE = "item-embeddings";

    private final Map<String, ModelShape> models = new HashMap<>(Map.of(MODEL, SHAPE));
    private final List<ConsumerRecord<byte[], byte[]>> embeddings = new ArrayList<>();
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> codes = new HashMap<>();
    private final List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
    private final Map<String, Long> ends = new HashMap<>();
    private final Set<Integer> shortenedLetters = new HashSet<>();
    private long now = 1_000;

    HistoryBuilder model(String version) {
        models.put(version, SHAPE);
        return this;
    }

    /** An embedding of {@code item} at the next offset of partition 0. */
    HistoryBuilder embedding(String item, float x, float y) {
        return embedding(0, item, x, y);
    }

    HistoryBuilder embedding(int partition, String item, float x, float y) {
        return source(partition, item.getBytes(UTF_8), EmbeddingFormat.encodeRaw(new float[] {x, y}));
    }

    HistoryBuilder deletion(String item) {
        return source(0, item.getBytes(UTF_8), null);
    }

    HistoryBuilder source(int partition, byte[] key, byte[] value) {
        Headers headers = new RecordHeaders().add(CloudEvents.CONTENT_TYPE, CloudEvents.OCTET_STREAM.getBytes(UTF_8));
        embeddings.add(record(SOURCE, partition, key, value, headers));
        return this;
    }

    /** Timestamps go on from here. */
    HistoryBuilder at(long timestamp) {
        now = timestamp;
        return this;
    }

    /** Compaction removes the source record at an offset of partition 0. */
    HistoryBuilder compacted(long offset) {
        embeddings.removeIf(record -> record.partition() == 0 && record.offset() == offset);
        return this;
    }

    /** A code in partition 0 of the codes topic, of an embedding in partition 0. */
    HistoryBuilder code(String item, int last, long claim, long sourceOffset) {
        return code(0, item, last, claim, sourceOffset);
    }

    HistoryBuilder code(int partition, String item, int last, long claim, long sourceOffset) {
        return code(MODEL, partition, item, code(MODEL, item, List.of(0, 0, last), claim, 0, sourceOffset));
    }

    HistoryBuilder code(String version, int partition, String key, ItemCode code) {
        return codeValue(version, partition, key, Json.write(code));
    }

    HistoryBuilder codeValue(String version, int partition, String key, byte[] value) {
        codes.computeIfAbsent(version, first -> new ArrayList<>())
                .add(record("item-codes-" + version, partition, key.getBytes(UTF_8), value, new RecordHeaders()));
        return this;
    }

    static ItemCode code(
            String version, String item, List<Integer> code, long claim, int sourcePartition, long sourceOffset) {
        return new ItemCode(
                item,
                version,
                code,
                SemanticIds.tokens(code),
                code,
                claim,
                Resolution.NEAREST,
                0,
                0,
                1,
                sourcePartition,
                sourceOffset,
                Instant.EPOCH,
                Instant.EPOCH);
    }

    /** A tombstone in partition 0 that answers the deletion at an offset of partition 0. */
    HistoryBuilder tombstone(String item, long sourceOffset) {
        return tombstone(0, item, sourceOffset);
    }

    HistoryBuilder tombstone(int partition, String item, long sourceOffset) {
        Headers headers = CloudEvents.headers(
                "io.residua.item-code",
                "/residua/indexer",
                CloudEvents.JSON,
                (MODEL + "-0-" + sourceOffset + "-0").getBytes(UTF_8));
        codes.computeIfAbsent(MODEL, first -> new ArrayList<>())
                .add(record("item-codes-" + MODEL, partition, item.getBytes(UTF_8), null, headers));
        return this;
    }

    /** A dead letter about an offset of partition 0 of the source. */
    HistoryBuilder letter(String item, String reason, long sourceOffset) {
        return letter(item, Map.of("reason", reason, "topic", SOURCE, "partition", "0", "offset", "" + sourceOffset));
    }

    HistoryBuilder letter(String item, Map<String, String> about) {
        Headers headers = new RecordHeaders();
        about.forEach((name, value) -> headers.add("dead-letter-" + name, value.getBytes(UTF_8)));
        letters.add(record("item-embeddings-dlq", 0, item.getBytes(UTF_8), new byte[0], headers));
        return this;
    }

    HistoryBuilder lettersShortened() {
        shortenedLetters.add(0);
        return this;
    }

    private ConsumerRecord<byte[], byte[]> record(
            String topic, int partition, byte[] key, byte[] value, Headers headers) {
        long offset = ends.merge(topic + "-" + partition, 1L, Long::sum) - 1;
        return new ConsumerRecord<>(
                topic,
                partition,
                offset,
                now++,
                TimestampType.CREATE_TIME,
                -1,
                -1,
                key,
                value,
                headers,
                Optional.empty());
    }

    /** The next embeddings come after the ends of the source were captured, and are not read. */
    IndexHistory captured() {
        Map<Integer, Long> sourceEnds = new HashMap<>();
        for (int partition = 0; partition < 2; partition++) {
            sourceEnds.put(partition, ends.getOrDefault(SOURCE + "-" + partition, 0L));
        }
        IndexHistory history = new IndexHistory(SOURCE, sourceEnds, shortenedLetters, models);
        embeddings.forEach(history::onEmbedding);
        return history;
    }

    /** Hands over the codes and letters that were told since the last call. */
    VerifyReport readOn(IndexHistory history) {
        codes.forEach((version, records) -> records.forEach(record -> history.onCode(version, record)));
        letters.forEach(history::onLetter);
        codes.clear();
        letters.clear();
        return history.report();
    }

    VerifyReport report() {
        return readOn(captured());
    }
}
