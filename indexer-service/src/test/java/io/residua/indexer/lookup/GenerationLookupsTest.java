package io.residua.indexer.lookup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.indexer.generation.GenerationListener.OpenedGeneration;
import io.residua.indexer.http.Problem;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A read model that follows a topic in memory. */
class GenerationLookupsTest {
    private static final TopicPartition FIRST = new TopicPartition("codes", 0);
    private static final TopicPartition SECOND = new TopicPartition("codes", 1);
    private static final Duration RETENTION = Duration.ofHours(24);

    @TempDir
    private Path folder;

    private final AtomicInteger skipped = new AtomicInteger();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private MockConsumer<byte[], byte[]> consumer = consumer();
    private GenerationLookups lookups;

    @AfterEach
    void stop() {
        if (lookups != null) {
            close();
        }
    }

    @Test
    void modelIsServedOnceItHoldsEverythingThatWasInTheTopic() {
        // Given
        consumer.updateEndOffsets(Map.of(FIRST, 2L, SECOND, 0L));
        start("id");
        add(FIRST, 0, "apple", code(1, 1, 2, 3));
        await(() -> lookups.items() == 1);
        assertThatThrownBy(() -> holder(1, 2, 3)).isInstanceOf(NotServedException.class);

        // When
        add(FIRST, 1, "pear", code(2, 1, 2, 4));
        await(this::isServed);

        // Then
        assertThat(holder(1, 2, 3)).isEqualTo("apple");
        assertThat(holder(1, 2, 4)).isEqualTo("pear");
        assertThat(offset(FIRST)).isEqualTo(2);
    }

    @Test
    void restartedModelReadsOnlyWhatIsNew() {
        // Given
        startWithApple();
        restart("id", 2);

        // When
        add(FIRST, 1, "pear", code(2, 1, 2, 4));
        await(this::isServed);

        // Then
        assertThat(holder(1, 2, 3)).isEqualTo("apple");
        assertThat(holder(1, 2, 4)).isEqualTo("pear");
        assertThat(lookups.items()).isEqualTo(2);
    }

    @Test
    void topicThatWasCreatedAnewIsReadFromItsStart() {
        // Given
        startWithApple();
        restart("another-id", 1);

        // When
        add(FIRST, 0, "pear", code(2, 1, 2, 4));
        await(this::isServed);

        // Then
        assertThat(holder(1, 2, 3)).isNull();
        assertThat(holder(1, 2, 4)).isEqualTo("pear");
    }

    @Test
    void modelThatMayHaveMissedADeletionIsBuiltAnew() {
        // Given
        startWithApple();
        now = now.plus(RETENTION).plusSeconds(60);
        restart("id", 2);
        MockConsumer<byte[], byte[]> outdated = consumer;

        // When
        add(FIRST, 1, "pear", code(2, 1, 2, 4));
        await(outdated::closed);

        // Then
        assertThat(lookups.items()).isZero();
        assertThatThrownBy(() -> holder(1, 2, 3)).isInstanceOf(NotServedException.class);
    }

    @Test
    void offsetsThatTheTopicDoesNotHaveMakeTheModelAnew() {
        // Given
        startWithApple();
        close();
        consumer = consumer();
        consumer.updateBeginningOffsets(Map.of(FIRST, 5L, SECOND, 0L));
        consumer.updateEndOffsets(Map.of(FIRST, 6L, SECOND, 0L));
        MockConsumer<byte[], byte[]> first = consumer;
        start("id");

        // When
        add(FIRST, 5, "pear", code(2, 1, 2, 4));
        await(first::closed);

        // Then
        assertThat(lookups.items()).isZero();
    }

    @Test
    void recordThatIsNoCodeIsCountedAndSkipped() {
        // Given
        consumer.updateEndOffsets(Map.of(FIRST, 9L, SECOND, 0L));
        start("id");

        // When
        add(FIRST, 0, "a", "{");
        add(FIRST, 1, "b", "[]");
        add(FIRST, 2, "c", "{\"codes\": [1, 2, 3]}");
        add(FIRST, 3, "d", "{\"codes\": [1, 2], \"claim\": 1}");
        add(FIRST, 4, "e", "{\"codes\": [1, 2, 3, 4], \"claim\": 1}");
        add(FIRST, 5, "f", "{\"codes\": [1, 2, 16], \"claim\": 1}");
        add(FIRST, 6, "g", "{\"codes\": [1, 2, \"x\"], \"claim\": 1}");
        add(FIRST, 7, "", code(1, 1, 2, 3));
        add(FIRST, 8, "apple", code(1, 1, 2, 3));
        await(this::isServed);

        // Then
        assertThat(skipped).hasValue(8);
        assertThat(holder(1, 2, 3)).isEqualTo("apple");
        assertThat(lookups.items()).isEqualTo(1);
    }

    @Test
    void answersGoOnWhileTheBrokerIsAway() {
        // Given
        startWithApple();
        MockConsumer<byte[], byte[]> failing = consumer;
        consumer = consumer();
        consumer.updateEndOffsets(Map.of(FIRST, 2L, SECOND, 0L));
        MockConsumer<byte[], byte[]> next = consumer;

        // When
        failing.schedulePollTask(() -> {
            throw new KafkaException("the broker is away");
        });
        await(failing::closed);

        // Then
        assertThat(holder(1, 2, 3)).isEqualTo("apple");

        // When
        await(() -> !next.assignment().isEmpty());
        add(FIRST, 1, "pear", code(2, 1, 2, 4));
        await(() -> lookups.items() == 2);

        // Then
        assertThat(holder(1, 2, 4)).isEqualTo("pear");
    }

    @Test
    void modelThatIsReadWhileItClosesIsOpenedAgainWithAllItHad() throws Exception {
        // Given
        startWithApple();
        GenerationLookups first = lookups;
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        Thread reader = new Thread(() -> first.read(model -> model.snapshot(rows -> {
            reading.countDown();
            await(() -> finish.getCount() == 0);
            return null;
        })));
        reader.start();
        reading.await();
        MockConsumer<byte[], byte[]> next = consumer();
        next.updateEndOffsets(Map.of(FIRST, 1L, SECOND, 0L));

        // When
        first.close();
        await(consumer::closed);
        consumer = next;
        create("id", List.of(16, 16, 16));
        boolean closedWhileRead = first.awaitClosed(Duration.ofMillis(300));
        finish.countDown();
        await(this::isServed);

        // Then
        assertThat(closedWhileRead).isFalse();
        assertThat(holder(1, 2, 3)).isEqualTo("apple");
        assertThat(first.isClosed()).isTrue();
    }

    @Test
    void filesAreBuiltAgainOnlyWhenTheModelHasMovedOn() throws IOException {
        // Given
        startWithApple();
        ReadPosition before = content().position();
        Path file = folder.resolve("index.json");
        Object built = Files.getAttribute(file, "unix:ino");

        // When
        ServedFiles.Content again = content();

        // Then
        assertThat(Files.getAttribute(file, "unix:ino")).isEqualTo(built);
        assertThat(again.position().offsets()).isEqualTo(before.offsets());
        assertThat(new String(again.stream().readAllBytes(), UTF_8))
                .isEqualTo("{\"apple\":[\"<a_1>\",\"<b_2>\",\"<c_3>\"]}");

        // When
        add(FIRST, 1, "apple", null);
        await(() -> lookups.items() == 0);

        // Then
        assertThat(new String(content().stream().readAllBytes(), UTF_8)).isEqualTo("{}");
    }

    @Test
    void indexShowsACodeThatTwoItemsClaimOnlyOnce() throws IOException {
        // Given
        startWithApple();

        // When: pear has apple's code, and apple's new one is still on its way
        add(FIRST, 1, "pear", code(2, 1, 2, 3));
        await(() -> offset(FIRST) == 2);

        // Then
        try (InputStream index = content().stream()) {
            assertThat(new String(index.readAllBytes(), UTF_8)).isEqualTo("{\"pear\":[\"<a_1>\",\"<b_2>\",\"<c_3>\"]}");
        }
    }

    @Test
    void trieThatCannotBeIsUnknown() {
        // Given
        start("id", List.of(16, 23_171, 16));

        // When
        Response answer = FileAnswers.trie(lookups, null, null);

        // Then
        assertThat(answer.getStatus()).isEqualTo(404);
        assertThat(answer.getEntity())
                .isEqualTo(new Problem("Not Found", 404, "a codebook has 23171 entries, a trie takes at most 23170"));
    }

    private ServedFiles.Content content() {
        return lookups.read(model -> lookups.files().index(model));
    }

    private void startWithApple() {
        consumer.updateEndOffsets(Map.of(FIRST, 1L, SECOND, 0L));
        start("id");
        add(FIRST, 0, "apple", code(1, 1, 2, 3));
        await(this::isServed);
    }

    /** A process that starts on the same files, when the first partition ends at {@code end}. */
    private void restart(String topicId, long end) {
        close();
        consumer = consumer();
        consumer.updateEndOffsets(Map.of(FIRST, end, SECOND, 0L));
        start(topicId);
    }

    private void start(String topicId) {
        start(topicId, List.of(16, 16, 16));
    }

    private void start(String topicId, List<Integer> codebookSizes) {
        create(topicId, codebookSizes);
        MockConsumer<byte[], byte[]> mine = consumer;
        await(() -> !mine.assignment().isEmpty());
    }

    private void create(String topicId, List<Integer> codebookSizes) {
        LookupEnvironment environment = new LookupEnvironment(
                () -> consumer, topic -> Optional.of(RETENTION), options -> {}, skipped::incrementAndGet, clock());
        lookups = new GenerationLookups(
                new OpenedGeneration("m-1", codebookSizes, new TopicIdentity("codes", topicId, 2)),
                folder,
                environment);
    }

    private void close() {
        lookups.close();
        await(lookups::isClosed);
    }

    private Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    private static MockConsumer<byte[], byte[]> consumer() {
        MockConsumer<byte[], byte[]> made = new MockConsumer<>("none");
        made.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        return made;
    }

    private void add(TopicPartition partition, long offset, String item, String value) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                item.getBytes(UTF_8),
                value == null ? null : value.getBytes(UTF_8)));
    }

    private static String code(long claim, int... codes) {
        return "{\"itemId\": \"x\", \"nearestCodes\": [[0]], \"codes\": [" + codes[0] + ", " + codes[1] + ", "
                + codes[2] + "], \"more\": {\"claim\": 77}, \"claim\": " + claim + "}";
    }

    private boolean isServed() {
        try {
            holder(0, 0, 0);
            return true;
        } catch (NotServedException e) {
            return false;
        }
    }

    private String holder(int... code) {
        return lookups.read(model -> model.holder(code)).map(HeldItem::itemId).orElse(null);
    }

    private long offset(TopicPartition partition) {
        return lookups.read(model -> model.position().offset(partition.partition()));
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("20 s are over").isLessThan(deadline);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
