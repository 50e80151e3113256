package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.Resolution;
import io.residua.indexer.model.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data path from embeddings to codes and metrics, with two indexer replicas that share it. */
class EndToEndIT {
    private static final String VERSION = "e2e-model";
    private static final int EVEN_ITEMS = 60;
    /**
     * Entries 0 to 29, which each item shares with its neighbour in the other prefix, and 50 and 60 after the changes.
     */
    private static final int USED_ENTRIES = 32;

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    /** Prefixes at x = −10 and x = 10; in each 64 entries, at multiples of 0.1 on y. */
    private static final TinyModel MODEL = new TinyModel(3, 2, new float[][] {{-10, 0, 10, 0}, grid()});

    @TempDir
    private Path folder;

    private static float[] grid() {
        float[] entries = new float[64 * 2];
        for (int k = 0; k < 64; k++) {
            entries[2 * k + 1] = k * 0.1f;
        }
        return entries;
    }

    @Test
    void twoReplicasTurnAStreamOfEmbeddingsIntoCodesLettersAndMetrics() throws Exception {
        // Given
        try (TestSystem system = new TestSystem(folder, 4);
                ServiceProcess first = system.service("indexer-service", "indexer-1", Map.of());
                ServiceProcess second = system.service("indexer-service", "indexer-2", Map.of());
                ServiceProcess evaluator = system.service("evaluator-service", "evaluator", Map.of())) {
            for (ServiceProcess service : List.of(first, second, evaluator)) {
                service.start();
            }
            for (ServiceProcess service : List.of(first, second, evaluator)) {
                service.awaitReady();
            }

            // When
            for (int i = 0; i < EVEN_ITEMS; i++) {
                float[] vector = {i % 2 == 0 ? -10 : 10, (i / 2) * 0.1f, 7};
                if (i % 3 == 0) {
                    system.embedJson("item-" + i, vector);
                } else {
                    system.embedRaw("item-" + i, vector);
                }
            }
            system.publish(MODEL, VERSION);
            try (TopicLog codes = system.log("item-codes-" + VERSION);
                    TopicLog letters = system.log("item-embeddings-dlq");
                    TopicLog status = system.log("index-status");
                    TopicLog metrics = system.log("index-metrics")) {
                codes.readUntil("the first codes", TIMEOUT, records -> records.size() == EVEN_ITEMS);
                for (ServiceProcess replica : List.of(first, second)) {
                    Poll.until("both replicas have tasks", TIMEOUT, () -> hasTasks(replica));
                }
                status.readUntil("the index is ready", TIMEOUT, EndToEndIT::isReady);
                system.embedRaw("twin", new float[] {-10, 0, 7});
                codes.readUntil(
                        "the twin's code", TIMEOUT, records -> latest(records).containsKey("twin"));
                system.send("item-1", null, CloudEvents.OCTET_STREAM);
                system.embedRaw("item-2", new float[] {10, 5.0f, 7});
                system.send("bad", "{\"vector\":[1,2]}".getBytes(UTF_8), CloudEvents.JSON);
                system.embedJson("newcomer", new float[] {10, 6.0f, 7});
                codes.readUntil("the changes", TIMEOUT, records -> records.size() == EVEN_ITEMS + 4);

                // Then
                Map<String, ItemCode> latest = latest(codes.read());
                assertThat(latest).hasSize(EVEN_ITEMS + 1).doesNotContainKeys("item-1", "bad");
                assertThat(latest.get("item-0").codes()).containsExactly(0, 0);
                assertThat(latest.get("item-59").codes()).containsExactly(1, 29);
                assertThat(latest.get("item-2").codes()).containsExactly(1, 50);
                assertThat(latest.get("newcomer").tokens()).containsExactly("<a_1>", "<b_60>");
                assertThat(latest.get("newcomer").modelVersion()).isEqualTo(VERSION);
                assertThat(latest.get("newcomer").embeddingNorm()).isEqualTo(Math.sqrt(100 + 36 + 49));
                ItemCode twin = latest.get("twin");
                assertThat(twin.nearestCodes()).containsExactly(0, 0);
                assertThat(twin.resolution()).isEqualTo(Resolution.SINKHORN);
                assertThat(twin.codes()).containsExactly(0, 30);
                assertThat(latest.values().stream().map(ItemCode::codes).distinct())
                        .hasSize(EVEN_ITEMS + 1);
                requireDeadLetter(letters.readUntil("a dead letter", TIMEOUT, records -> !records.isEmpty()));
                requireMetrics(metrics.readUntil(
                        "the last metrics",
                        TIMEOUT,
                        records -> !records.isEmpty()
                                && newest(records).items() == EVEN_ITEMS + 1
                                && newest(records).levels().get(1).used() == USED_ENTRIES));
            }
        }
    }

    private static boolean hasTasks(ServiceProcess replica) {
        String generations = replica.get("/generations").orElse("");
        return generations.contains("\"tasks\":") && !generations.contains("\"tasks\":0");
    }

    private static void requireDeadLetter(List<ConsumerRecord<String, byte[]>> letters) {
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.key()).isEqualTo("bad");
            assertThat(new String(letter.value(), UTF_8)).isEqualTo("{\"vector\":[1,2]}");
            assertThat(header(letter, "dead-letter-reason")).isEqualTo("wrong-dimension");
            assertThat(header(letter, "dead-letter-topic")).isEqualTo("item-embeddings");
        });
    }

    /** 61 items: 60 on their nearest entry, and the twin beside item-0. */
    private static void requireMetrics(List<ConsumerRecord<String, byte[]>> records) {
        IndexMetrics last = newest(records);
        assertThat(last.modelVersion()).isEqualTo(VERSION);
        assertThat(last.distinctCodes()).isEqualTo(61);
        assertThat(last.rawCollisionRate()).isEqualTo(1.0 / 61);
        assertThat(last.largestConflict()).isEqualTo(2);
        assertThat(last.resolved()).isEqualTo(new IndexMetrics.Resolved(60, 1, 0));
        assertThat(last.levels()).extracting(IndexMetrics.Level::size).containsExactly(2, 64);
        assertThat(last.levels()).extracting(IndexMetrics.Level::used).containsExactly(2, USED_ENTRIES);
    }

    private static IndexMetrics newest(List<ConsumerRecord<String, byte[]>> records) {
        return Json.read(records.get(records.size() - 1).value(), IndexMetrics.class);
    }

    private static boolean isReady(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .map(record -> Json.read(record.value(), IndexStatus.class))
                .anyMatch(status -> status.state() == IndexStatus.State.READY);
    }

    private static Map<String, ItemCode> latest(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, ItemCode> latest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() == null) {
                latest.remove(record.key());
            } else {
                latest.put(record.key(), Json.read(record.value(), ItemCode.class));
            }
        }
        return latest;
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
