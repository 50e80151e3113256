package io.residua.indexer.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.io.Sha256;
import io.residua.indexer.deadletter.DeadLetters.Letter;
import io.residua.indexer.metrics.IndexerMeters;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLettersTest {
    private static final int LIMIT = 10_000;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final IndexerMeters meters = new IndexerMeters(registry);
    private final DeadLetters deadLetters = new DeadLetters("dlq", LIMIT, meters);

    @Test
    void recordThatFitsStaysAsReceived() {
        // Given
        RecordHeaders headers = new RecordHeaders();
        headers.add("content-type", "text/xml".getBytes(UTF_8)).add("empty", null);

        // When
        Letter letter = letter(source(bytes(7), bytes(9), headers)).orElseThrow();

        // Then
        assertThat(letter.topic()).isEqualTo("dlq");
        assertThat(letter.key()).isEqualTo(bytes(7));
        assertThat(letter.value()).isEqualTo(bytes(9));
        assertThat(headers(letter))
                .containsExactly(
                        "content-type=text/xml",
                        "empty=null",
                        "dead-letter-reason=bad-json",
                        "dead-letter-cause=no number at 3",
                        "dead-letter-topic=embeddings",
                        "dead-letter-partition=3",
                        "dead-letter-offset=77");
    }

    @Test
    void valueThatDoesNotFitIsReplacedByItsSize() {
        // When
        Letter letter = letter(source(bytes(7), bytes(LIMIT), header("a", 5))).orElseThrow();

        // Then
        assertThat(letter.key()).isEqualTo(bytes(7));
        assertThat(letter.value()).isEmpty();
        assertThat(headers(letter))
                .startsWith("a=xxxxx")
                .contains("dead-letter-offset=77")
                .endsWith("dead-letter-value-bytes=10000");
    }

    static Stream<ConsumerRecord<byte[], byte[]>> recordsThatDoNotFitWithoutTheirValue() {
        RecordHeaders many = new RecordHeaders();
        IntStream.range(0, LIMIT / 10).forEach(i -> many.add("name-" + i, bytes(1)));
        return Stream.of(
                source(bytes(LIMIT), bytes(9), new RecordHeaders()),
                source(bytes(LIMIT), new byte[0], new RecordHeaders()),
                source(bytes(LIMIT), null, new RecordHeaders()),
                source(bytes(7), bytes(9), header("a", LIMIT)),
                source(bytes(7), null, header("a", LIMIT)),
                source(bytes(7), bytes(LIMIT), header("a".repeat(LIMIT), 1)),
                source(null, bytes(LIMIT), header("a", LIMIT)),
                source(null, null, many),
                source(bytes(10 * LIMIT), bytes(10 * LIMIT), many));
    }

    @ParameterizedTest
    @MethodSource("recordsThatDoNotFitWithoutTheirValue")
    void whatDoesNotFitWithoutItsValueIsNamedByPositionAndHash(ConsumerRecord<byte[], byte[]> source) {
        // When
        Letter letter = letter(source).orElseThrow();

        // Then
        List<String> expected = new ArrayList<>(List.of(
                "dead-letter-reason=bad-json",
                "dead-letter-cause=no number at 3",
                "dead-letter-topic=embeddings",
                "dead-letter-partition=3",
                "dead-letter-offset=77"));
        if (source.value() == null) {
            assertThat(letter.value()).isNull();
        } else {
            assertThat(letter.value()).isEmpty();
            expected.add("dead-letter-value-bytes=" + source.value().length);
        }
        if (source.key() == null) {
            assertThat(letter.key()).isNull();
        } else {
            assertThat(letter.key()).asString(UTF_8).isEqualTo(Sha256.of(source.key()));
            expected.add("dead-letter-key-bytes=" + source.key().length);
        }
        assertThat(headers(letter)).containsExactlyElementsOf(expected);
        assertThat(lost()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void formsAreUsedUpToTheLimitAndNeverBeyondIt(String compression) {
        // Given
        int largestWithValue = 0;
        int largestWithKey = 0;
        for (int size = LIMIT - 600; size <= LIMIT + 100; size++) {
            // When
            Letter ofValue =
                    letter(source(bytes(7), noise(size), new RecordHeaders())).orElseThrow();
            Letter ofKey =
                    letter(source(noise(size), null, new RecordHeaders())).orElseThrow();

            // Then
            int withValue = batchBytes(ofValue, CompressionType.forName(compression));
            int withKey = batchBytes(ofKey, CompressionType.forName(compression));
            assertThat(withValue).as("value of %d bytes", size).isLessThanOrEqualTo(LIMIT);
            assertThat(withKey).as("key of %d bytes", size).isLessThanOrEqualTo(LIMIT);
            largestWithValue = Math.max(largestWithValue, withValue);
            largestWithKey = Math.max(largestWithKey, withKey);
        }
        assertThat(largestWithValue).isGreaterThan(LIMIT - 200);
        assertThat(largestWithKey).isGreaterThan(LIMIT - 200);
        assertThat(lost()).isZero();
    }

    @Test
    void causeThatQuotesTheRecordIsCut() {
        // When
        Letter letter = deadLetters
                .letter(source(bytes(7), bytes(9), new RecordHeaders()), "bad-json", "ü".repeat(LIMIT))
                .orElseThrow();

        // Then
        assertThat(letter.value()).isEqualTo(bytes(9));
        assertThat(letter.headers().lastHeader("dead-letter-cause").value())
                .asString(UTF_8)
                .isEqualTo("ü".repeat(500) + "…");
    }

    @Test
    void letterThatTheBrokerRefusesShrinksStepByStepAndIsThenLost() {
        // Given
        Letter complete =
                letter(source(bytes(7), bytes(9), new RecordHeaders())).orElseThrow();

        // When
        Optional<Letter> withoutValue = deadLetters.smaller(complete);
        Optional<Letter> positionOnly = withoutValue.flatMap(deadLetters::smaller);
        Optional<Letter> nothing = positionOnly.flatMap(deadLetters::smaller);

        // Then
        assertThat(withoutValue.orElseThrow().value()).isEmpty();
        assertThat(withoutValue.orElseThrow().key()).isEqualTo(bytes(7));
        assertThat(positionOnly.orElseThrow().key()).asString(UTF_8).isEqualTo(Sha256.of(bytes(7)));
        assertThat(nothing).isEmpty();
        assertThat(lost()).isEqualTo(1);
    }

    @Test
    void deletionThatTheBrokerRefusesHasNoValueToLeaveOut() {
        // Given
        Letter complete = letter(source(bytes(7), null, new RecordHeaders())).orElseThrow();

        // When
        Letter smaller = deadLetters.smaller(complete).orElseThrow();

        // Then
        assertThat(smaller.key()).asString(UTF_8).isEqualTo(Sha256.of(bytes(7)));
    }

    @Test
    void topicThatTakesNoLetterAtAllLosesItOnce() {
        // Given
        DeadLetters tiny = new DeadLetters("dlq", 100, meters);

        // When
        Optional<Letter> letter =
                tiny.letter(source(bytes(7), bytes(LIMIT), new RecordHeaders()), "bad-json", "no number at 3");

        // Then
        assertThat(letter).isEmpty();
        assertThat(lost()).isEqualTo(1);
    }

    private Optional<Letter> letter(ConsumerRecord<byte[], byte[]> source) {
        return deadLetters.letter(source, "bad-json", "no number at 3");
    }

    private double lost() {
        return registry.get("residua.index.dead.letters.lost").counter().count();
    }

    /** What a broker compares with the limit. */
    private static int batchBytes(Letter letter, CompressionType compression) {
        SimpleRecord record = new SimpleRecord(
                Long.MAX_VALUE / 2,
                letter.key(),
                letter.value(),
                letter.headers().toArray());
        return MemoryRecords.withRecords(Compression.of(compression).build(), record)
                .sizeInBytes();
    }

    private static ConsumerRecord<byte[], byte[]> source(byte[] key, byte[] value, RecordHeaders headers) {
        return new ConsumerRecord<>(
                "embeddings", 3, 77, 0, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
    }

    private static RecordHeaders header(String name, int valueSize) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(name, bytes(valueSize));
        return headers;
    }

    private static List<String> headers(Letter letter) {
        return Stream.of(letter.headers().toArray())
                .map(header -> header.key() + "=" + (header.value() == null ? null : new String(header.value(), UTF_8)))
                .toList();
    }

    private static byte[] bytes(int size) {
        return "x".repeat(size).getBytes(UTF_8);
    }

    /** Bytes that no compression makes smaller. */
    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(size).nextBytes(noise);
        return noise;
    }
}
