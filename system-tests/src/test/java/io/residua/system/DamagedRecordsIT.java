package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.indexer.model.TinyModel;
import io.residua.system.Verifier.Verdict;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged records of every kind among good ones. {@code residua.damaged.records} chooses how many there are.
 */
class DamagedRecordsIT {
    private static final int RECORDS = Integer.getInteger("residua.damaged.records", 1_000);
    private static final String VERSION = "damaged-model";
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    /** What is wrong with a record: its reason, and how key, value and type are made. */
    private enum Damage {
        EMPTY_KEY("bad-item-id", "", raw(1, 2), CloudEvents.OCTET_STREAM),
        LONG_KEY("bad-item-id", "k".repeat(600), raw(1, 2), CloudEvents.OCTET_STREAM),
        DELETION_OF_LONG_KEY("bad-item-id", "k".repeat(600), null, CloudEvents.OCTET_STREAM),
        KEY_NOT_UTF_8("bad-item-id", null, raw(1, 2), CloudEvents.OCTET_STREAM),
        NO_BYTES("wrong-dimension", "no-bytes", new byte[0], CloudEvents.OCTET_STREAM),
        FIVE_BYTES("wrong-dimension", "five-bytes", new byte[5], CloudEvents.OCTET_STREAM),
        THREE_ELEMENTS("wrong-dimension", "three-elements", raw(1, 2, 3), CloudEvents.OCTET_STREAM),
        ONE_JSON_ELEMENT("wrong-dimension", "one-json-element", json("{\"vector\":[1]}"), CloudEvents.JSON),
        NAN("not-finite", "nan", raw(1, Float.NaN), CloudEvents.OCTET_STREAM),
        INFINITY("not-finite", "infinity", raw(Float.NEGATIVE_INFINITY, 1), CloudEvents.OCTET_STREAM),
        JSON_NAN("not-finite", "json-nan", json("{\"vector\":[1,NaN]}"), CloudEvents.JSON),
        JSON_TOO_LARGE("not-finite", "json-too-large", json("{\"vector\":[1,1e39]}"), CloudEvents.JSON),
        TRUNCATED_JSON("bad-json", "truncated-json", json("{\"vector\":[1,"), CloudEvents.JSON),
        JSON_ARRAY("bad-json", "json-array", json("[1,2]"), CloudEvents.JSON),
        NO_VECTOR("bad-json", "no-vector", json("{\"other\":[1,2]}"), CloudEvents.JSON),
        TWO_VECTORS("bad-json", "two-vectors", json("{\"vector\":[1,2],\"vector\":[1,2]}"), CloudEvents.JSON),
        TEXT_ELEMENT("bad-json", "text-element", json("{\"vector\":[1,\"2\"]}"), CloudEvents.JSON),
        TRAILING_TEXT("bad-json", "trailing-text", json("{\"vector\":[1,2]} x"), CloudEvents.JSON),
        RAW_AS_JSON("bad-json", "raw-as-json", raw(1, 2), CloudEvents.JSON),
        UNTYPED_GARBAGE("bad-json", "untyped-garbage", new byte[] {1, 2, 3}, null),
        UNKNOWN_TYPE("unknown-content-type", "unknown-type", raw(1, 2), "text/plain");

        private final String reason;
        private final String key;
        private final byte[] value;
        private final String contentType;

        Damage(String reason, String key, byte[] value, String contentType) {
            this.reason = reason;
            this.key = key;
            this.value = value;
            this.contentType = contentType;
        }

        private byte[] key(int i) {
            if (this == EMPTY_KEY) {
                return new byte[0];
            }
            return key == null
                    ? ByteBuffer.allocate(6).putShort((short) 0xffff).putInt(i).array()
                    : (key + i).getBytes(UTF_8);
        }
    }

    @Test
    void everyDamagedRecordBecomesALetterAndEveryGoodOneGetsACode() throws Exception {
        // Given
        Set<String> good = new HashSet<>();
        Map<String, Integer> expectedLetters = new HashMap<>();
        try (TestSystem system = new TestSystem(folder, 4);
                ServiceProcess indexer = system.service("indexer-service", "indexer", Map.of())) {
            indexer.start();
            indexer.awaitReady();
            system.publish(model(), VERSION);

            // When
            for (int i = 0; i < RECORDS; i++) {
                String item = "good-" + i;
                good.add(item);
                system.embedRaw(item, vector(i));
                Damage damage = Damage.values()[i % Damage.values().length];
                system.send(damage.key(i), damage.value, headers(damage.contentType));
                expectedLetters.merge(damage.reason, 1, Integer::sum);
                if (i % 10 == 0) {
                    // The item keeps its code: a damaged record says nothing about it.
                    system.send(item.getBytes(UTF_8), new byte[5], headers(CloudEvents.OCTET_STREAM));
                    expectedLetters.merge("wrong-dimension", 1, Integer::sum);
                }
            }
            try (TopicLog codes = system.log("item-codes-" + VERSION);
                    TopicLog letters = system.log("item-embeddings-dlq")) {
                codes.readUntil(
                        "all good items have codes",
                        TIMEOUT,
                        records -> items(records).size() >= good.size());
                Verdict verdict = Verifier.run(
                        folder, system.bootstrapServers(), "--model", VERSION, "--wait", "" + TIMEOUT.toSeconds());

                // Then
                assertThat(verdict.exitCode()).as(verdict.output()).isZero();
                assertThat(verdict.output()).doesNotContain("not judged");
                assertThat(items(codes.read())).isEqualTo(good);
                assertThat(lettersByReason(letters.read())).isEqualTo(expectedLetters);
            }
        }
    }

    private static TinyModel model() {
        float[] last = new float[2 * Math.max(64, RECORDS)];
        for (int i = 0; i < last.length / 2; i++) {
            last[2 * i + 1] = i * 0.01f;
        }
        return new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, last});
    }

    /** Most near the model's entries, some as large as a float can be. */
    private static float[] vector(int i) {
        if (i % 100 == 99) {
            return new float[] {i % 200 == 99 ? Float.MAX_VALUE : -Float.MAX_VALUE, i};
        }
        return new float[] {i % 2 == 0 ? -10 : 10, i * 0.005f};
    }

    private static Headers headers(String contentType) {
        return contentType == null
                ? new RecordHeaders()
                : CloudEvents.headers("io.residua.item-embedding", "/test", contentType);
    }

    private static byte[] raw(float... vector) {
        return EmbeddingFormat.encodeRaw(vector);
    }

    private static byte[] json(String text) {
        return text.getBytes(UTF_8);
    }

    private static Set<String> items(List<ConsumerRecord<String, byte[]>> records) {
        Set<String> items = new HashSet<>();
        records.forEach(record -> items.add(record.key()));
        return items;
    }

    /** How many source records have a letter with each reason. */
    private static Map<String, Integer> lettersByReason(List<ConsumerRecord<String, byte[]>> letters) {
        Set<List<String>> distinct = new HashSet<>();
        letters.forEach(letter ->
                distinct.add(List.of(header(letter, "reason"), header(letter, "partition"), header(letter, "offset"))));
        Map<String, Integer> counts = new HashMap<>();
        distinct.forEach(each -> counts.merge(each.get(0), 1, Integer::sum));
        return counts;
    }

    private static String header(ConsumerRecord<String, byte[]> letter, String name) {
        return new String(letter.headers().lastHeader("dead-letter-" + name).value(), UTF_8);
    }
}
