package io.residua.evaluator;

import static io.residua.evaluator.MetricsAssert.assertSame;
import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.SIZES;
import static io.residua.evaluator.TestItems.TIME;
import static io.residua.evaluator.TestItems.recount;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.State;
import io.residua.common.event.Json;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.tally.CodedItem;
import io.residua.stack.broker.LocalBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packaged service on a real broker. */
class EvaluatorIT {
    private static final String CODES = "item-codes-" + MODEL;
    private static final String APPLICATION = "residua-evaluator-f2-" + MODEL;
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    private final Random random = new Random(11);
    private final Map<String, CodedItem> items = new HashMap<>();

    private Path folder;
    private LocalBroker broker;
    private Admin admin;
    private Topics topics;
    private KafkaProducer<byte[], byte[]> producer;

    @BeforeEach
    void startBroker() throws Exception {
        folder = Files.createTempDirectory(Files.createDirectories(Path.of("target", "it")), "evaluator")
                .toAbsolutePath();
        broker = LocalBroker.start(folder.resolve("broker"), 0);
        Map<String, Object> kafka = Map.of("bootstrap.servers", broker.bootstrapServers());
        admin = Admin.create(kafka);
        topics = new Topics(admin, TestConfig.read(TopicsConfig.class, Map.of()));
        producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void stopBroker() {
        producer.close();
        admin.close();
        broker.close();
    }

    @Test
    @Tag("long")
    void metricsEqualARecountAlsoAfterAKill() throws Exception {
        try (EvaluatorProcess evaluator = EvaluatorProcess.start(broker.bootstrapServers(), folder)) {
            // Given
            await("ready without a model", () -> evaluator.get("/q/health/ready"), health -> health.contains("none"));
            announce();
            sendChanges(3000);
            awaitMetricsOfAllItems();

            // When
            sendChanges(3000);
            evaluator.kill();
            sendChanges(1000);
        }

        try (EvaluatorProcess evaluator = EvaluatorProcess.start(broker.bootstrapServers(), folder)) {
            // Then
            IndexMetrics newest = awaitMetricsOfAllItems();
            await(
                    "dashboard's numbers",
                    () -> evaluator.get("/metrics/index"),
                    body -> body.contains("\"items\":" + newest.items()));
            assertThat(evaluator.get("/metrics/index/" + MODEL + "/history")).contains("rawCollisionRate");
            assertThat(evaluator.get("/metrics/index/unknown")).isNull();
            assertThat(evaluator.get("/q/metrics")).contains("residua_index_items{model=\"m1\"} " + newest.items());
            assertThat(evaluator.get("/")).contains("Residua");
            await("ready again", () -> evaluator.get("/q/health/ready"), health -> health.contains("running"));
        }
    }

    @Test
    void retiredGenerationLeavesNoInternalTopicBehind() throws Exception {
        try (EvaluatorProcess evaluator = EvaluatorProcess.start(broker.bootstrapServers(), folder)) {
            // Given
            await("ready", () -> evaluator.get("/q/health/ready"), health -> true);
            announce();
            sendChanges(100);
            awaitMetricsOfAllItems();

            // When
            sendStatus(State.RETIRED);

            // Then
            await("internal topics gone", this::internalTopics, Set::isEmpty);
            assertThat(evaluator.get("/q/health/live")).isNotNull();
        }
    }

    private void announce() {
        send(CloudEvents.record("models", MODEL, TestItems.model(MODEL, SIZES), "/test"));
        sendStatus(State.BUILDING);
        topics.ensure(TopicSpec.compacted(CODES, 4));
    }

    private void sendStatus(State state) {
        send(CloudEvents.record(
                "index-status", MODEL, new IndexStatus(MODEL, state, CODES, "id", 0, 0, null, TIME), "/test"));
        producer.flush();
    }

    /** Adds, changes, repeats and deletes, and now and then something that is no code. */
    private void sendChanges(int count) {
        for (int change = 0; change < count; change++) {
            String id = "item-" + random.nextInt(500);
            switch (random.nextInt(8)) {
                case 0 -> {
                    items.remove(id);
                    send(new ProducerRecord<>(CODES, id.getBytes(UTF_8), null));
                }
                case 1 -> send(new ProducerRecord<>(CODES, id.getBytes(UTF_8), "no code".getBytes(UTF_8)));
                default -> {
                    items.put(id, TestItems.random(random));
                    send(CloudEvents.record(CODES, id, TestItems.record(id, items.get(id)), "/test"));
                }
            }
        }
        producer.flush();
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        producer.send(record, (metadata, failure) -> {
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
        });
    }

    private IndexMetrics awaitMetricsOfAllItems() throws Exception {
        IndexMetrics expected = recount(items.values(), TIME);
        return await("metrics like " + expected, this::newestMetrics, metrics -> isSame(metrics, expected));
    }

    private static boolean isSame(IndexMetrics actual, IndexMetrics expected) {
        try {
            assertSame(actual, expected);
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    private IndexMetrics newestMetrics() {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed");
        TopicPartition partition = new TopicPartition("index-metrics", 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            IndexMetrics newest = null;
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(100))) {
                    newest = Json.read(record.value(), IndexMetrics.class);
                }
            }
            return newest;
        }
    }

    private Set<String> internalTopics() throws Exception {
        return admin.listTopics().names().get().stream()
                .filter(topic -> topic.startsWith(APPLICATION))
                .collect(Collectors.toSet());
    }

    private static <T> T await(String what, Callable<T> question, Predicate<T> answer) throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        T last = null;
        while (System.nanoTime() < deadline) {
            last = question.call();
            if (last != null && answer.test(last)) {
                return last;
            }
            Thread.sleep(100);
        }
        return fail("waited in vain for %s, the last answer was %s", what, last);
    }
}
