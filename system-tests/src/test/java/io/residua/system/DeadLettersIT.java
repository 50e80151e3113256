package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.io.Sha256;
import io.residua.indexer.model.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Refused records whose dead letters the topic does not take as they are, in both stages that write them. */
class DeadLettersIT {
    private static final String VERSION = "letters-model";
    private static final int LIMIT = 20_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    /** Prefixes at x = −10 and x = 10; in each 4 entries, at 0 to 3 on y. */
    private static final TinyModel MODEL =
            new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, {0, 0, 0, 1, 0, 2, 0, 3}});

    @TempDir
    private Path folder;

    private TestSystem system;
    private ServiceProcess indexer;
    private TopicLog codes;
    private TopicLog letters;

    @BeforeEach
    void start() throws Exception {
        system = new TestSystem(folder, 1);
        system.create("item-embeddings-dlq", 1, Map.of("max.message.bytes", Integer.toString(LIMIT)));
        indexer = system.service("indexer-service", "indexer", Map.of());
        indexer.start();
        indexer.awaitReady();
        system.publish(MODEL, VERSION);
        codes = system.log("item-codes-" + VERSION);
        letters = system.log("item-embeddings-dlq");
    }

    @AfterEach
    void stop() throws Exception {
        codes.close();
        letters.close();
        indexer.close();
        system.close();
    }

    @Test
    void recordsThatCannotBeEncodedShrinkUntilTheirTopicTakesThem() throws Exception {
        // Given
        byte[] largeKey = "k".repeat(900_000).getBytes(UTF_8);
        byte[] largeValue = new byte[900_000];
        String longKey = "k".repeat(600);

        // When
        send("first", good(0), raw());
        send("small", new byte[5], raw());
        send("large-value", largeValue, raw());
        system.send(largeKey, null, raw());
        send(longKey, null, raw());
        send("large-header", new byte[5], raw().add("note", new byte[LIMIT]));
        send("last", good(1), raw());

        // Then
        awaitCodes("first", "last");
        List<ConsumerRecord<String, byte[]>> received = letters.read();
        assertThat(received)
                .extracting(ConsumerRecord::key)
                .containsExactly(
                        "small",
                        "large-value",
                        Sha256.of(largeKey),
                        longKey,
                        Sha256.of("large-header".getBytes(UTF_8)));
        assertThat(received.get(0).value()).isEqualTo(new byte[5]);
        assertThat(headers(received.get(0)))
                .containsExactly(
                        "ce_specversion",
                        "ce_id",
                        "ce_type",
                        "ce_source",
                        "content-type",
                        "dead-letter-reason=wrong-dimension",
                        "dead-letter-cause",
                        "dead-letter-topic=item-embeddings",
                        "dead-letter-partition=0",
                        "dead-letter-offset=1");
        assertThat(received.get(1).value()).isEmpty();
        assertThat(headers(received.get(1)))
                .contains("content-type", "dead-letter-offset=2", "dead-letter-value-bytes=900000");
        assertThat(received.get(2).value()).isNull();
        assertThat(headers(received.get(2)))
                .containsExactly(
                        "dead-letter-reason=bad-item-id",
                        "dead-letter-cause",
                        "dead-letter-topic=item-embeddings",
                        "dead-letter-partition=0",
                        "dead-letter-offset=3",
                        "dead-letter-key-bytes=900000");
        assertThat(received.get(3).value()).isNull();
        assertThat(headers(received.get(3))).contains("content-type", "dead-letter-reason=bad-item-id");
        assertThat(received.get(4).value()).isEmpty();
        assertThat(headers(received.get(4)))
                .containsExactly(
                        "dead-letter-reason=wrong-dimension",
                        "dead-letter-cause",
                        "dead-letter-topic=item-embeddings",
                        "dead-letter-partition=0",
                        "dead-letter-offset=5",
                        "dead-letter-value-bytes=5",
                        "dead-letter-key-bytes=12");
        assertThat(lost()).isZero();
    }

    @Test
    void itemsThatFindNoFreeEntryShrinkAndTheStreamsThreadGoesOn() throws Exception {
        // Given
        fillEveryCode();
        byte[] padded = ("{\"vector\":[-10,1]" + " ".repeat(900_000) + "}").getBytes(UTF_8);

        // When
        send("small", good(0), raw());
        letters.readUntil("the first letter", TIMEOUT, records -> records.size() == 1);
        send("large-value", padded, json());
        letters.readUntil("the second letter", TIMEOUT, records -> records.size() == 2);
        send("large-header", good(0), raw().add("note", new byte[900_000]));
        letters.readUntil("the third letter", TIMEOUT, records -> records.size() == 3);
        send("item-0", EmbeddingFormat.encodeRaw(new float[] {-10, 0.1f}), raw());

        // Then
        awaitTheNewCodeOfItem0();
        List<ConsumerRecord<String, byte[]>> received = letters.read();
        assertThat(received)
                .extracting(ConsumerRecord::key)
                .containsExactly("small", "large-value", Sha256.of("large-header".getBytes(UTF_8)));
        assertThat(received).allSatisfy(letter -> assertThat(headers(letter))
                .contains("dead-letter-reason=code-space-full", "dead-letter-topic=item-embeddings"));
        assertThat(received.get(0).value()).isEqualTo(good(0));
        assertThat(headers(received.get(0))).contains("content-type").doesNotContain("dead-letter-value-bytes");
        assertThat(received.get(1).value()).isEmpty();
        assertThat(headers(received.get(1))).contains("content-type", "dead-letter-value-bytes=" + padded.length);
        assertThat(received.get(2).value()).isEmpty();
        assertThat(headers(received.get(2)))
                .contains("dead-letter-offset=10", "dead-letter-value-bytes=8", "dead-letter-key-bytes=12")
                .doesNotContain("note", "content-type");
        assertThat(codes.read()).hasSize(9);
    }

    @Test
    void letterThatTheTopicDoesNotTakeAnyMoreIsLostAndCountedOnce() throws Exception {
        // Given
        send("first", good(0), raw());
        awaitCodes("first");
        system.configure("item-embeddings-dlq", "max.message.bytes", "100");

        // When
        send("refused", new byte[5], raw());
        send("refused-too", new byte[5], raw());
        send("last", good(1), raw());

        // Then
        awaitCodes("first", "last");
        Poll.until("the lost letters are counted", TIMEOUT, () -> lost() == 2);
        assertThat(letters.read()).isEmpty();
        system.configure("item-embeddings-dlq", "max.message.bytes", Integer.toString(LIMIT));
        send("refused-later", new byte[5], raw());
        assertThat(letters.readUntil("a letter", TIMEOUT, records -> !records.isEmpty()))
                .extracting(ConsumerRecord::key)
                .containsExactly("refused-later");
        assertThat(lost()).isEqualTo(2);
    }

    private void send(String item, byte[] value, Headers headers) {
        system.send(item.getBytes(UTF_8), value, headers);
    }

    @Test
    void lettersThatFitOneByOneButNotTogetherAllArrive() throws Exception {
        // Given
        fillEveryCode();
        int letterBytes = LIMIT - 1_000;
        byte[] refusedByItemStage = ("{\"vector\":[-10,1]" + " ".repeat(letterBytes) + "}").getBytes(UTF_8);

        // When
        for (int i = 0; i < 20; i++) {
            send("full-" + i, refusedByItemStage, json());
            send("bad-" + i, new byte[letterBytes], raw());
        }

        // Then
        letters.readUntil("all letters", TIMEOUT, records -> records.size() >= 40);
        assertThat(letters.read()).hasSize(40).allSatisfy(letter -> assertThat(letter.value())
                .hasSizeGreaterThanOrEqualTo(letterBytes));
        send("item-0", EmbeddingFormat.encodeRaw(new float[] {-10, 0.1f}), raw());
        awaitTheNewCodeOfItem0();
    }

    /** Both prefixes' entries, so that no other item finds a free one. */
    private void fillEveryCode() {
        for (int i = 0; i < 4; i++) {
            send("item-" + i, good(i), raw());
            send("right-" + i, EmbeddingFormat.encodeRaw(new float[] {10, i}), raw());
        }
        awaitCodes("item-0", "item-1", "item-2", "item-3", "right-0", "right-1", "right-2", "right-3");
    }

    private void awaitTheNewCodeOfItem0() {
        codes.readUntil("the new code of item-0", TIMEOUT, records -> records.size() == 9);
    }

    private void awaitCodes(String... items) {
        codes.readUntil("codes of " + Arrays.toString(items), TIMEOUT, records -> records.stream()
                .map(record -> Json.read(record.value(), ItemCode.class).itemId())
                .toList()
                .containsAll(List.of(items)));
    }

    private double lost() {
        return indexer.get("/q/metrics")
                .orElseThrow()
                .lines()
                .filter(line -> line.startsWith("residua_index_dead_letters_lost_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** An embedding near an entry of the first prefix. */
    private static byte[] good(int entry) {
        return EmbeddingFormat.encodeRaw(new float[] {-10, entry});
    }

    private static RecordHeaders raw() {
        return (RecordHeaders) CloudEvents.headers("io.residua.item-embedding", "/test", CloudEvents.OCTET_STREAM);
    }

    private static RecordHeaders json() {
        return (RecordHeaders) CloudEvents.headers("io.residua.item-embedding", "/test", CloudEvents.JSON);
    }

    /** Names of all headers; of those that a dead letter adds, but the sentence, also the values. */
    private static List<String> headers(ConsumerRecord<String, byte[]> letter) {
        return Stream.of(letter.headers().toArray())
                .map(header ->
                        header.key().startsWith("dead-letter-") && !header.key().equals("dead-letter-cause")
                                ? header.key() + "=" + new String(header.value(), UTF_8)
                                : header.key())
                .toList();
    }
}
