package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.indexer.model.TinyModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the indexer in the middle of its work. One partition, so that the log of codes has one order, and no
 * compaction, so that every record that was ever committed is there to be judged.
 */
@Tag("long")
class IndexerCrashIT {
    private static final String VERSION = "crash-model";
    private static final int ITEMS = 1_500;
    private static final int KILLS = 4;
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    @Test
    void noKillLosesAnItemOrCodesItTwiceOrSharesACode() throws Exception {
        // Given
        Random random = new Random(20);
        TinyModel model = model(random);
        Map<String, float[]> embeddings = embeddings(random);
        Set<String> moved = new HashSet<>();
        try (TestSystem system = new TestSystem(folder, 1);
                ServiceProcess indexer = system.service("indexer-service", "indexer", Map.of())) {
            system.create(
                    "item-codes-" + VERSION,
                    1,
                    Map.of("cleanup.policy", "compact", "min.compaction.lag.ms", "86400000"));
            indexer.start();
            indexer.awaitReady();
            system.publish(model, VERSION);
            try (TopicLog codes = system.log("item-codes-" + VERSION)) {
                // When
                embeddings.forEach(system::embedRaw);
                for (int kill = 1; kill <= KILLS; kill++) {
                    int least = kill * ITEMS / (KILLS + 2);
                    codes.readUntil("codes before kill " + kill, TIMEOUT, records -> records.size() >= least);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
                    indexer.kill();
                    indexer.start();
                }
                codes.readUntil(
                        "a code for every item",
                        TIMEOUT,
                        records -> items(records).size() == ITEMS);
                int beforeMoves = codes.read().size();
                for (String item : List.copyOf(embeddings.keySet()).subList(0, 200)) {
                    system.embedRaw(item, vector(random));
                    moved.add(item);
                }
                codes.readUntil("some moves", TIMEOUT, records -> records.size() >= beforeMoves + 50);
                indexer.kill();
                indexer.start();
                codes.readUntil("all moves", TIMEOUT, records -> records.size() >= ITEMS + moved.size());
                embeddings.keySet().stream()
                        .filter(item -> !moved.contains(item))
                        .limit(300)
                        .forEach(item -> system.embedRaw(item, embeddings.get(item)));
                system.embedRaw("last", vector(random));
                codes.readUntil(
                        "the last item", TIMEOUT, records -> items(records).contains("last"));

                // Then
                assertThat(recordsPerItem(codes.read()))
                        .allSatisfy((item, records) ->
                                assertThat(records).as("records of %s", item).isEqualTo(moved.contains(item) ? 2 : 1));
                requireNoCodeSharedAtAnyPoint(codes.read());
            }
        }
    }

    private static TinyModel model(Random random) {
        float[][] codebooks = {new float[4 * 4], new float[4 * 4], new float[640 * 4]};
        float[] spread = {4, 2, 1};
        for (int level = 0; level < codebooks.length; level++) {
            for (int i = 0; i < codebooks[level].length; i++) {
                codebooks[level][i] = (float) random.nextGaussian() * spread[level];
            }
        }
        return new TinyModel(8, 4, codebooks);
    }

    private static Map<String, float[]> embeddings(Random random) {
        Map<String, float[]> embeddings = new HashMap<>();
        for (int i = 0; i < ITEMS; i++) {
            embeddings.put("item-" + i, vector(random));
        }
        return embeddings;
    }

    private static float[] vector(Random random) {
        float[] vector = new float[8];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) random.nextGaussian() * 4;
        }
        return vector;
    }

    private static Set<String> items(List<ConsumerRecord<String, byte[]>> records) {
        Set<String> items = new HashSet<>();
        records.forEach(record -> items.add(record.key()));
        return items;
    }

    private static Map<String, Integer> recordsPerItem(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, Integer> counts = new HashMap<>();
        records.forEach(record -> counts.merge(record.key(), 1, Integer::sum));
        return counts;
    }

    private static void requireNoCodeSharedAtAnyPoint(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, List<Integer>> codeOf = new HashMap<>();
        Map<List<Integer>, String> holderOf = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            ItemCode code = Json.read(record.value(), ItemCode.class);
            List<Integer> before = codeOf.put(record.key(), code.codes());
            if (before != null) {
                holderOf.remove(before, record.key());
            }
            String other = holderOf.put(code.codes(), record.key());
            assertThat(other == null || other.equals(record.key()))
                    .as("at offset %d, %s and %s hold %s", record.offset(), record.key(), other, code.codes())
                    .isTrue();
        }
    }
}
