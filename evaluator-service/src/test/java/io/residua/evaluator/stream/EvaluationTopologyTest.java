package io.residua.evaluator.stream;

import static io.residua.evaluator.MetricsAssert.assertSame;
import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.SIZES;
import static io.residua.evaluator.TestItems.TIME;
import static io.residua.evaluator.TestItems.item;
import static io.residua.evaluator.TestItems.recount;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import io.residua.common.event.Resolution;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.tally.CodedItem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTopologyTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final CodedItem FIRST = item(List.of(0, 0, 0), List.of(0, 0, 0), Resolution.NEAREST, 1);
    private static final CodedItem SECOND = item(List.of(0, 0, 1), List.of(0, 0, 0), Resolution.SINKHORN, 2);
    private static final CodedItem THIRD = item(List.of(2, 1, 4), List.of(2, 1, 4), Resolution.NEAREST, 3);

    private final AtomicLong unreadable = new AtomicLong();

    @TempDir
    private Path state;

    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> codes;
    private TestOutputTopic<byte[], byte[]> metrics;

    @BeforeEach
    void start() {
        EvaluationTopology topology = new EvaluationTopology(
                MODEL, SIZES, "codes", "metrics", INTERVAL, model -> unreadable.incrementAndGet());
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        driver = new TopologyTestDriver(topology.build(), settings, TIME);
        codes = driver.createInputTopic("codes", new ByteArraySerializer(), new ByteArraySerializer());
        metrics = driver.createOutputTopic("metrics", new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void internalTopicsAreNamedExactly() {
        // Given
        EvaluationTopology topology =
                new EvaluationTopology("nightly", SIZES, "codes", "metrics", INTERVAL, model -> 0);

        // When
        Set<String> topics = topology.internalTopics("app-nightly");

        // Then
        assertThat(topics)
                .containsExactlyInAnyOrder(
                        "app-nightly-changes-repartition",
                        "app-nightly-counts-changelog",
                        "app-nightly-totals-changelog",
                        "app-nightly-last-codes-changelog");
    }

    @Test
    void addedItemsAreCounted() {
        // When
        write("a", FIRST);
        write("b", SECOND);
        write("c", THIRD);

        // Then
        assertSame(newest(), recount(List.of(FIRST, SECOND, THIRD), TIME));
    }

    @Test
    void changedItemMovesFromItsOldCodeToItsNewOne() {
        // Given
        write("a", FIRST);
        write("b", SECOND);

        // When
        write("a", THIRD);

        // Then
        assertSame(newest(), recount(List.of(SECOND, THIRD), TIME));
    }

    @Test
    void deletedItemIsSubtractedOnce() {
        // Given
        write("a", FIRST);
        write("b", THIRD);

        // When
        write("a", null);
        write("a", null);
        write("never-there", null);

        // Then
        assertSame(newest(), recount(List.of(THIRD), TIME));
    }

    @Test
    void deletedItemThatComesBackIsCountedAgain() {
        // Given
        write("a", FIRST);
        write("a", null);

        // When
        write("a", SECOND);

        // Then
        assertSame(newest(), recount(List.of(SECOND), TIME));
    }

    @Test
    void repeatedRecordChangesNothingAndIsNotReported() {
        // Given
        write("a", FIRST);
        newest();

        // When
        write("a", FIRST);
        driver.advanceWallClockTime(INTERVAL);

        // Then
        assertThat(metrics.isEmpty()).isTrue();
    }

    @Test
    void olderRecordThatArrivesAgainCountsUntilTheNewerOneDoes() {
        // Given
        write("a", FIRST);
        write("a", THIRD);

        // When
        write("a", FIRST);
        IndexMetrics between = newest();
        write("a", THIRD);

        // Then
        assertSame(between, recount(List.of(FIRST), TIME));
        assertSame(newest(), recount(List.of(THIRD), TIME));
    }

    @Test
    void replayOfTheWholeTopicEndsWithTheSameCounts() {
        // Given
        List<TestRecord<byte[], byte[]>> log = new ArrayList<>();
        Map<String, CodedItem> items = new HashMap<>();
        Random random = new Random(1);
        for (int step = 0; step < 150; step++) {
            String id = "item-" + random.nextInt(20);
            CodedItem item = random.nextInt(4) == 0 ? null : TestItems.random(random);
            log.add(new TestRecord<>(id.getBytes(UTF_8), value(id, item)));
            if (item == null) {
                items.remove(id);
            } else {
                items.put(id, item);
            }
        }
        codes.pipeRecordList(log);
        IndexMetrics once = newest();

        // When
        codes.pipeRecordList(log);

        // Then
        assertSame(once, recount(items.values(), TIME));
        assertSame(newest(), once);
    }

    @Test
    void compactedTopicGivesTheSameCountsAsTheWholeOne() {
        // When
        write("b", THIRD);
        write("a", SECOND);

        // Then
        assertSame(newest(), recount(List.of(SECOND, THIRD), TIME));
    }

    @Test
    void recordsThatAreNoCodesOfThisModelAreCountedAndSkipped() {
        // Given
        write("a", FIRST);

        // When
        codes.pipeInput("a".getBytes(UTF_8), "{not json".getBytes(UTF_8));
        codes.pipeInput("a".getBytes(UTF_8), "{}".getBytes(UTF_8));
        codes.pipeInput(null, value("x", THIRD));
        write("a", CodedItem.of(List.of(0, 0)));
        write("a", CodedItem.of(List.of(0, 0, 5)));
        writeThird("\"codes\":[2,", "\"codes\":[-1,");
        writeThird("\"m1\"", "\"m2\"");
        writeThird("\"nearestError\":1.5", "\"nearestError\":-1");

        // Then
        assertThat(unreadable).hasValue(8);
        assertSame(newest(), recount(List.of(FIRST), TIME));
    }

    @Test
    void metricsAreReportedAtMostOnceAnInterval() {
        // Given
        newest();
        write("a", FIRST);
        driver.advanceWallClockTime(INTERVAL.minusMillis(1));

        // When
        boolean early = !metrics.isEmpty();
        driver.advanceWallClockTime(Duration.ofMillis(1));
        long reports = metrics.getQueueSize();

        // Then
        assertThat(early).isFalse();
        assertThat(reports).isEqualTo(1);
    }

    @Test
    void changeAfterAQuietTimeIsReportedOnce() {
        // Given
        newest();
        driver.advanceWallClockTime(INTERVAL.multipliedBy(3));

        // When
        write("a", FIRST);
        driver.advanceWallClockTime(INTERVAL.multipliedBy(3));

        // Then
        assertThat(metrics.getQueueSize()).isEqualTo(1);
        assertSame(Json.read(metrics.readValue(), IndexMetrics.class), recount(List.of(FIRST), TIME));
    }

    @Test
    void metricsAreACloudEventUnderTheModelsVersion() {
        // Given
        write("a", FIRST);

        // When
        driver.advanceWallClockTime(INTERVAL);
        TestRecord<byte[], byte[]> record = metrics.readRecord();

        // Then
        assertThat(new String(record.key(), UTF_8)).isEqualTo(MODEL);
        assertThat(header(record, "ce_type")).isEqualTo("io.residua.index-metrics");
        assertThat(header(record, "ce_source")).isEqualTo("/residua/evaluator");
        assertThat(header(record, "content-type")).isEqualTo("application/json");
        assertThat(Json.read(record.value(), IndexMetrics.class).time()).isEqualTo(TIME.plus(INTERVAL));
    }

    private void write(String id, CodedItem item) {
        codes.pipeInput(id.getBytes(UTF_8), value(id, item));
    }

    /** Writes {@link #THIRD} for the item {@code a}, with something else in one place. */
    private void writeThird(String instead, String something) {
        String value = new String(value("a", THIRD), UTF_8);
        assertThat(value).contains(instead);
        codes.pipeInput("a".getBytes(UTF_8), value.replace(instead, something).getBytes(UTF_8));
    }

    private static byte[] value(String id, CodedItem item) {
        return item == null ? null : Json.write(TestItems.record(id, item));
    }

    private IndexMetrics newest() {
        driver.advanceWallClockTime(INTERVAL);
        List<byte[]> values = metrics.readValuesToList();
        return Json.read(values.get(values.size() - 1), IndexMetrics.class);
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
