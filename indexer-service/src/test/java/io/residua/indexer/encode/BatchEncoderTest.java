package io.residua.indexer.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.device.Device;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.ModelManifest;
import io.residua.common.inference.OnnxEncoder;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.model.TinyModel;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.KeyPartitions;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchEncoderTest {
    private static final TinyModel MODEL = randomModel(new Random(5));
    private static final int DIM = MODEL.dim();
    private static final int MAX_ROWS = 4;
    private static final int PARTITIONS = 3;
    private static final GenerationTopics TOPICS =
            new GenerationTopics("app", "item-embeddings", "dlq", "requests", "grants", "counts", "codes");

    @TempDir
    private Path folder;

    private OnnxEncoder encoder;
    private EncodeModel model;
    private BatchEncoder batches;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final IndexerMeters meters = new IndexerMeters(registry);
    private final EncodeCounts counts = new EncodeCounts(6);
    private final List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        encoder = OnnxEncoder.open(
                MODEL.write(folder).get(ModelManifest.ENCODER), MODEL.shape(), new Device.Cpu(), 1, MAX_ROWS);
        model = new EncodeModel(encoder, new EncoderBudget(1).share(), counts);
        batches = new BatchEncoder(model, TOPICS, PARTITIONS, new DeadLetters("dlq", 1 << 20, meters), meters);
    }

    @AfterEach
    void close() {
        encoder.close();
    }

    @Test
    void bothFormatsOfOneVectorGiveTheSameRequest() {
        // Given
        float[] vector = vector(1);

        // When
        batches.encode(
                List.of(
                        record(0, "raw", EmbeddingFormat.encodeRaw(vector), CloudEvents.OCTET_STREAM),
                        record(1, "json", EmbeddingFormat.encodeJson(vector), CloudEvents.JSON)),
                sent::add);

        // Then
        Request raw = request(0);
        Request json = request(1);
        assertThat(json.fingerprint()).isEqualTo(raw.fingerprint());
        assertThat(json.codes())
                .isEqualTo(raw.codes())
                .isEqualTo(MODEL.quantiser().nearest(raw.z()));
        assertThat(json.z()).isEqualTo(raw.z());
        assertThat(json.norm()).isEqualTo(raw.norm()).isPositive();
        assertThat(raw.position()).isEqualTo(new SourcePosition(2, 0, 1_000));
        assertThat(raw.itemId()).isEqualTo("raw".getBytes(UTF_8));
        assertThat(sent.get(0).key()).isEqualTo(Codes.prefixKey(raw.codes()));
        assertThat(sent.get(0).partition())
                .isEqualTo(KeyPartitions.of(sent.get(0).key(), PARTITIONS));
    }

    @Test
    void aBatchLargerThanTheModelsRunKeepsItsOrder() {
        // Given
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3 * MAX_ROWS + 1; i++) {
            byte[] value = i % 5 == 3 ? null : EmbeddingFormat.encodeRaw(vector(i));
            records.add(record(i, "item-" + i, value, CloudEvents.OCTET_STREAM));
        }

        // When
        batches.encode(records, sent::add);

        // Then
        assertThat(sent).hasSameSizeAs(records);
        for (int i = 0; i < records.size(); i++) {
            if (i % 5 == 3) {
                Deleted deleted =
                        (Deleted) new ItemCommandV2().fromBytes(sent.get(i).value());
                assertThat(sent.get(i).topic()).isEqualTo("grants");
                assertThat(sent.get(i).key()).isEqualTo(records.get(i).key());
                assertThat(deleted.position().offset()).isEqualTo(i);
            } else {
                assertThat(sent.get(i).topic()).isEqualTo("requests");
                assertThat(request(i).position().offset()).isEqualTo(i);
                assertThat(request(i).z()[0]).isEqualTo(vector(i)[0]);
            }
        }
    }

    @Test
    void everyRefusedRecordGoesToTheDeadLettersAndTheOthersGoOn() {
        // Given
        float[] notFinite = vector(1);
        notFinite[DIM - 1] = Float.POSITIVE_INFINITY;
        float[] good = vector(2);

        // When
        batches.encode(
                List.of(
                        record(0, "short", new byte[5], CloudEvents.OCTET_STREAM),
                        record(1, "infinite", EmbeddingFormat.encodeRaw(notFinite), CloudEvents.OCTET_STREAM),
                        record(2, "good", EmbeddingFormat.encodeRaw(good), CloudEvents.OCTET_STREAM),
                        record(3, "json", "{\"vector\":[1,".getBytes(UTF_8), CloudEvents.JSON),
                        record(4, "", EmbeddingFormat.encodeRaw(good), CloudEvents.OCTET_STREAM),
                        record(5, "xml", EmbeddingFormat.encodeRaw(good), "text/xml")),
                sent::add);

        // Then
        assertThat(reasons())
                .containsExactlyInAnyOrder(
                        "short wrong-dimension",
                        "infinite not-finite",
                        "json bad-json",
                        " bad-item-id",
                        "xml unknown-content-type");
        assertThat(sent.stream().filter(record -> record.topic().equals("requests")))
                .singleElement()
                .satisfies(record -> assertThat(((Request) new PrefixCommandV2().fromBytes(record.value())).itemId())
                        .isEqualTo("good".getBytes(UTF_8)));
        ProducerRecord<byte[], byte[]> letter = sent.get(0);
        assertThat(letter.value()).isEqualTo(new byte[5]);
        assertThat(header(letter, "dead-letter-topic")).contains("item-embeddings");
        assertThat(header(letter, "dead-letter-partition")).contains("2");
        assertThat(header(letter, "dead-letter-offset")).contains("0");
        assertThat(header(letter, "content-type")).contains(CloudEvents.OCTET_STREAM);
        assertThat(registry.get("residua.index.refused")
                        .tag("reason", "bad-json")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void embeddingsAreCountedAsAcceptedOrRefusedAndDeletionsAreNot() {
        // When
        batches.encode(
                List.of(
                        record(0, "good", EmbeddingFormat.encodeRaw(vector(1)), CloudEvents.OCTET_STREAM),
                        record(1, "short", new byte[5], CloudEvents.OCTET_STREAM),
                        record(2, "deleted", null, CloudEvents.OCTET_STREAM)),
                sent::add);

        // Then
        assertThat(counts.acceptedCount()).isEqualTo(1);
        assertThat(counts.refusedCount()).isEqualTo(1);
    }

    @Test
    void modelThatRefusesEverythingGetsNoFurtherBatchAndSendsNoFurtherDeadLetter() {
        // Given
        List<ConsumerRecord<byte[], byte[]>> refused = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            refused.add(record(i, "short-" + i, new byte[5], CloudEvents.OCTET_STREAM));
        }
        batches.encode(refused, sent::add);
        int letters = sent.size();

        // When / Then
        assertThatThrownBy(() -> batches.encode(refused, sent::add))
                .hasMessage("the model refused the first 7 embeddings and accepted none");
        assertThat(sent).hasSize(letters);
        assertThat(counts.isExhausted()).isTrue();
    }

    @Test
    void damagedRecordsAreNotTheModelsMatter() {
        // Given
        List<ConsumerRecord<byte[], byte[]>> damaged = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            damaged.add(record(i, "bad-" + i, "{".getBytes(UTF_8), CloudEvents.JSON));
        }

        // When
        batches.encode(damaged, sent::add);

        // Then
        assertThat(counts.isExhausted()).isFalse();
        assertThat(reasons()).hasSize(9);
    }

    @Test
    void modelThatAcceptedOneMayRefuseAnyNumber() {
        // Given
        batches.encode(
                List.of(record(0, "good", EmbeddingFormat.encodeRaw(vector(1)), CloudEvents.OCTET_STREAM)), sent::add);

        // When
        for (int i = 1; i <= 20; i++) {
            batches.encode(List.of(record(i, "short", new byte[5], CloudEvents.OCTET_STREAM)), sent::add);
        }

        // Then
        assertThat(counts.isExhausted()).isFalse();
        assertThat(reasons()).hasSize(20);
    }

    @Test
    void modelOfAReadyGenerationMayRefuseAnyNumber() {
        // Given
        model.onReady();

        // When
        for (int i = 0; i < 20; i++) {
            batches.encode(List.of(record(i, "short", new byte[5], CloudEvents.OCTET_STREAM)), sent::add);
        }

        // Then
        assertThat(counts.isExhausted()).isFalse();
        assertThat(reasons()).hasSize(20);
    }

    private List<String> reasons() {
        return sent.stream()
                .filter(record -> record.topic().equals("dlq"))
                .map(record -> new String(record.key(), UTF_8) + " "
                        + header(record, "dead-letter-reason").orElseThrow())
                .toList();
    }

    private static Optional<String> header(ProducerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name)).map(header -> new String(header.value(), UTF_8));
    }

    private Request request(int index) {
        return (Request) new PrefixCommandV2().fromBytes(sent.get(index).value());
    }

    private static float[] vector(long seed) {
        Random random = new Random(seed);
        float[] vector = new float[DIM];
        for (int i = 0; i < DIM; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return vector;
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String key, byte[] value, String contentType) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(CloudEvents.CONTENT_TYPE, contentType.getBytes(UTF_8));
        return new ConsumerRecord<>(
                "item-embeddings",
                2,
                offset,
                1_000 + offset,
                TimestampType.CREATE_TIME,
                key.length(),
                value == null ? -1 : value.length,
                key.getBytes(UTF_8),
                value,
                headers,
                Optional.empty());
    }

    private static TinyModel randomModel(Random random) {
        float[][] codebooks = {new float[5 * 4], new float[7 * 4], new float[3 * 4]};
        for (float[] codebook : codebooks) {
            for (int i = 0; i < codebook.length; i++) {
                codebook[i] = (float) random.nextGaussian();
            }
        }
        return new TinyModel(6, 4, codebooks);
    }
}
