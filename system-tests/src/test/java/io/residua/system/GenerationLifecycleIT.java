package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.IndexStatus.State;
import io.residua.common.event.Json;
import io.residua.indexer.model.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generations that take over from one another, are refused, rolled back to and retired, by a real indexer. */
class GenerationLifecycleIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final int PREFIX_ITEMS = 700;
    /** What the encoder may refuse before it is stopped, and the batches that are under way then. */
    private static final int MAX_DEAD_LETTERS = 1_000 + 3 * 512;

    @TempDir
    private Path folder;

    private TestSystem system;
    private ServiceProcess indexer;

    @BeforeEach
    void start() throws Exception {
        system = new TestSystem(folder, 1);
        system.create("index-status", 1, Map.of("cleanup.policy", "compact", "min.compaction.lag.ms", "86400000"));
        indexer = system.service(
                "indexer-service",
                "indexer",
                Map.of("residua.index.supersede-grace", "1s", "residua.index.retire-grace", "1s"));
        indexer.start();
        indexer.awaitReady();
    }

    @AfterEach
    void stop() throws Exception {
        indexer.close();
        system.close();
    }

    @Test
    void modelThatRefusesEverythingRetiresNothingAndDoesNotDeadLetterTheCatalogue() throws Exception {
        // Given
        embedAll();
        system.publish(model(3), "good");
        awaitStatus("good", status -> status.state() == State.READY);

        // When
        system.publish(model(4), "wrong-dimension");
        IndexStatus paused = awaitStatus("wrong-dimension", status -> status.reason() != null);
        system.embedRaw("late", new float[] {10, 70.1f, 0});

        // Then
        assertThat(paused.state()).isEqualTo(State.BUILDING);
        assertThat(paused.reason()).contains("accepted none");
        try (TopicLog codes = system.log("item-codes-good");
                TopicLog letters = system.log("item-embeddings-dlq")) {
            codes.readUntil("the late item", TIMEOUT, records -> records.stream()
                    .anyMatch(record -> record.key().equals("late")));
            assertThat(letters.read()).hasSizeBetween(1_000, MAX_DEAD_LETTERS);
        }
        assertThat(lastStatus("good").state()).isEqualTo(State.READY);
    }

    @Test
    void retiredGenerationLeavesNoTopicGroupOrFileAndCanBeRolledBackTo() throws Exception {
        // Given
        system.embedRaw("item", new float[] {10, 0.1f, 0});
        system.publish(model(3), "first");
        awaitStatus("first", status -> status.state() == State.READY);
        assertThat(indexer.request("POST", "/generations/unknown/pin")).isEqualTo(404);
        assertThat(indexer.request("POST", "/generations/unknown/rollback")).isEqualTo(404);
        assertThat(indexer.request("POST", "/generations/first/pin")).isEqualTo(204);
        awaitStatus("first", IndexStatus::isPinned);
        system.publish(model(3), "second");
        awaitStatus("second", status -> status.state() == State.READY);

        // When
        assertThat(indexer.request("DELETE", "/generations/first/pin")).isEqualTo(204);
        awaitGone("first");

        // Then
        assertThat(system.topicsAndGroups()).noneMatch(name -> name.contains("first"));
        assertThat(folder.resolve("indexer/streams/residua-indexer-f2-first")).doesNotExist();

        // When
        assertThat(indexer.request("POST", "/generations/first/rollback")).isEqualTo(204);
        awaitGone("second");

        // Then
        assertThat(lastStatus("first").state()).isEqualTo(State.READY);
        try (TopicLog codes = system.log("item-codes-first")) {
            assertThat(codes.read()).extracting(ConsumerRecord::key).containsExactly("item");
        }
    }

    @Test
    void generationWhoseTopicWasCreatedAnewIsRefusedAndSaysSo() throws Exception {
        // Given
        system.embedRaw("item", new float[] {10, 0.1f, 0});
        system.publish(model(3), "model");
        awaitStatus("model", status -> status.state() == State.READY);
        indexer.close();
        system.delete("item-codes-model");
        system.create("item-codes-model", 1, Map.of("cleanup.policy", "compact"));

        // When
        indexer.start();
        IndexStatus refused = awaitStatus("model", status -> status.state() == State.REFUSED);

        // Then
        assertThat(refused.reason())
                .startsWith("topic item-codes-model was created anew")
                .contains("under a new version");
        try (TopicLog codes = system.log("item-codes-model")) {
            assertThat(codes.read()).isEmpty();
        }
    }

    @Test
    @Tag("long")
    void tenRetrainingsLeaveAsMuchAsOne() throws Exception {
        // Given
        system.embedRaw("item", new float[] {10, 0.1f, 0});
        system.publish(model(3), "model-0");
        awaitStatus("model-0", status -> status.state() == State.READY);
        Set<String> afterOne = withoutVersion(system.topicsAndGroups(), "model-0");

        // When
        for (int i = 1; i <= 10; i++) {
            system.publish(model(3), "model-" + i);
            awaitGone("model-" + (i - 1));
        }

        // Then
        assertThat(withoutVersion(system.topicsAndGroups(), "model-10")).isEqualTo(afterOne);
        assertThat(folder.resolve("indexer/streams")).isDirectoryNotContaining("glob:**/*model-[0-9]");
    }

    private static Set<String> withoutVersion(Set<String> names, String version) {
        Set<String> generic = new HashSet<>();
        names.forEach(name -> generic.add(name.replace(version, "V")));
        return generic;
    }

    private void embedAll() {
        for (int i = 0; i < PREFIX_ITEMS; i++) {
            system.embedRaw("left-" + i, new float[] {-10, i * 0.1f, 0});
            system.embedRaw("right-" + i, new float[] {10, i * 0.1f, 0});
        }
    }

    /** Prefixes at x = −10 and x = 10; in each an entry per item, at multiples of 0.1 on y. */
    private static TinyModel model(int dim) {
        float[] grid = new float[2 * (PREFIX_ITEMS + 10)];
        for (int i = 0; i < PREFIX_ITEMS + 10; i++) {
            grid[2 * i + 1] = i * 0.1f;
        }
        return new TinyModel(dim, 2, new float[][] {{-10, 0, 10, 0}, grid});
    }

    private void awaitGone(String version) {
        awaitStatus(version, status -> status.state() == State.RETIRED && status.identity() == null);
    }

    /** The last status of a version, once it is as wanted. */
    private IndexStatus awaitStatus(String version, Predicate<IndexStatus> wanted) {
        try (TopicLog log = system.log("index-status")) {
            log.readUntil(
                    "status of " + version,
                    TIMEOUT,
                    records -> last(records, version) != null && wanted.test(last(records, version)));
            return last(log.read(), version);
        }
    }

    private IndexStatus lastStatus(String version) {
        return awaitStatus(version, status -> true);
    }

    private static IndexStatus last(List<ConsumerRecord<String, byte[]>> records, String version) {
        IndexStatus last = null;
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.key().equals(version)) {
                last = Json.read(record.value(), IndexStatus.class);
            }
        }
        return last;
    }
}
