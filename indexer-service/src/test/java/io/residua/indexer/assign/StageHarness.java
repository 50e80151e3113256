package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.Latent;
import io.residua.indexer.wire.LatentV1;
import io.residua.indexer.wire.Place;
import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Runs the two stages apart, each in a driver of its own, so that a test decides what overtakes what: what is sent to a
 * prefix, and what a prefix answers, stays in flight until the test delivers it. Order is kept per prefix, as in Kafka.
 *
 * <p>The model has two levels in two dimensions: prefixes at x = −10 and x = 10, and in each of them entries 0, 1 and 2 at
 * −1, 0 and 1 from there.
 */
final class StageHarness implements AutoCloseable {
    static final Codebooks CODEBOOKS = Codebooks.of(2, new float[][] {{-10, 0, 10, 0}, {-1, 0, 0, 0, 1, 0}});

    private static final GenerationTopics TOPICS =
            new GenerationTopics("app-v", "embeddings", "dlq", "latents", "requests", "grants", "codes");
    static final int DLQ_BYTES = 4_096;
    private static final LatentV1 LATENTS = new LatentV1();

    private final List<ConsumerRecord<byte[], byte[]>> source = new ArrayList<>();
    private final TopologyTestDriver itemStage;
    private final TopologyTestDriver prefixStage;
    private final TestInputTopic<byte[], byte[]> latentsIn;
    private final TestInputTopic<byte[], byte[]> grantsIn;
    private final TestInputTopic<byte[], byte[]> requestsIn;
    private final TestOutputTopic<byte[], byte[]> codesOut;
    private final TestOutputTopic<byte[], byte[]> requestsOut;
    private final TestOutputTopic<byte[], byte[]> deadLettersOut;
    private final TestOutputTopic<byte[], byte[]> grantsOut;
    private final SortedMap<String, Deque<TestRecord<byte[], byte[]>>> requests = new TreeMap<>();
    private final SortedMap<String, Deque<TestRecord<byte[], byte[]>>> grants = new TreeMap<>();
    private final List<String> log = new ArrayList<>();
    private final Map<String, ItemCode> current = new HashMap<>();
    private final List<TestRecord<byte[], byte[]>> deadLetters = new ArrayList<>();

    StageHarness() {
        IndexerMeters meters = new IndexerMeters(new SimpleMeterRegistry());
        AssignSettings settings = new AssignSettings(
                "v",
                CODEBOOKS,
                0.02,
                Duration.ofMillis(10),
                Duration.ofHours(24),
                position -> source.stream()
                        .filter(record -> record.offset() == position.offset())
                        .findFirst(),
                new DeadLetters(TOPICS.deadLetters(), DLQ_BYTES, meters),
                meters);
        Topology items = new Topology();
        AssignTopology.addItemStage(items, TOPICS, settings, Stores::inMemoryKeyValueStore);
        Topology prefixes = new Topology();
        AssignTopology.addPrefixStage(prefixes, TOPICS, settings, Stores::inMemoryKeyValueStore);
        itemStage = driver(items);
        prefixStage = driver(prefixes);
        latentsIn = in(itemStage, TOPICS.latents());
        grantsIn = in(itemStage, TOPICS.grants());
        requestsIn = in(prefixStage, TOPICS.requests());
        codesOut = out(itemStage, TOPICS.codes());
        requestsOut = out(itemStage, TOPICS.requests());
        deadLettersOut = out(itemStage, TOPICS.deadLetters());
        grantsOut = out(prefixStage, TOPICS.grants());
    }

    private static TopologyTestDriver driver(Topology topology) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/streams-" + UUID.randomUUID());
        return new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(1_000_000));
    }

    private static TestInputTopic<byte[], byte[]> in(TopologyTestDriver driver, String topic) {
        return driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static TestOutputTopic<byte[], byte[]> out(TopologyTestDriver driver, String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** The item's embedding was encoded to the latent (x, 0). */
    void embed(String item, long offset, float x) {
        embed(item, new SourcePosition(0, offset, offset), x);
    }

    void embed(String item, SourcePosition position, float x) {
        embed(item, position, x, new byte[] {42});
    }

    /** The item's embedding, which is {@code value} in the source topic, was encoded to the latent (x, 0). */
    void embed(String item, SourcePosition position, float x, byte[] value) {
        float[] z = {x, 0};
        source.add(new ConsumerRecord<>(
                "embeddings", position.partition(), position.offset(), item.getBytes(UTF_8), value));
        latent(item, new Latent.Encoded(position, Float.floatToIntBits(x), Math.abs(x), CODEBOOKS.nearest(z), z));
    }

    /** The item's deletion was read. */
    void delete(String item, long offset) {
        latent(item, new Latent.Deleted(new SourcePosition(0, offset, offset)));
    }

    private void latent(String item, Latent latent) {
        latentsIn.pipeInput(item.getBytes(UTF_8), LATENTS.encode(latent));
        collectFromItems();
    }

    /** Delivers all that is in flight to a prefix. */
    void deliverRequests(int prefix) {
        while (deliverRequest(key(prefix))) {
            // one by one
        }
    }

    /** Delivers all that a prefix has answered. */
    void deliverGrants(int prefix) {
        while (deliverGrant(key(prefix))) {
            // one by one
        }
    }

    /** Lets the waiting items of all prefixes be resolved. */
    void resolve() {
        prefixStage.advanceWallClockTime(Duration.ofMillis(10));
        collectFromPrefixes();
    }

    /** Lets time pass in the item stage. */
    void waitFor(Duration time) {
        itemStage.advanceWallClockTime(time);
        collectFromItems();
    }

    /** Delivers everything until nothing is in flight. */
    void settle() {
        boolean busy = true;
        while (busy) {
            resolve();
            busy = false;
            for (String prefix : List.copyOf(requests.keySet())) {
                busy |= deliverRequest(prefix);
            }
            for (String prefix : List.copyOf(grants.keySet())) {
                busy |= deliverGrant(prefix);
            }
        }
    }

    boolean deliverRequest(String prefixKey) {
        TestRecord<byte[], byte[]> next =
                requests.getOrDefault(prefixKey, new ArrayDeque<>()).poll();
        if (next == null) {
            return false;
        }
        requestsIn.pipeInput(next);
        collectFromPrefixes();
        return true;
    }

    boolean deliverGrant(String prefixKey) {
        TestRecord<byte[], byte[]> next =
                grants.getOrDefault(prefixKey, new ArrayDeque<>()).poll();
        if (next == null) {
            return false;
        }
        grantsIn.pipeInput(next);
        collectFromItems();
        return true;
    }

    /** Prefixes that something is in flight to. */
    List<String> prefixesWithRequests() {
        return nonEmpty(requests);
    }

    /** Prefixes whose answers are in flight. */
    List<String> prefixesWithGrants() {
        return nonEmpty(grants);
    }

    private static List<String> nonEmpty(SortedMap<String, Deque<TestRecord<byte[], byte[]>>> queues) {
        return queues.keySet().stream()
                .filter(key -> !queues.get(key).isEmpty())
                .toList();
    }

    private void collectFromItems() {
        for (TestRecord<byte[], byte[]> record : requestsOut.readRecordsToList()) {
            enqueue(requests, HexFormat.of().formatHex(record.key()), record);
        }
        for (TestRecord<byte[], byte[]> record : codesOut.readRecordsToList()) {
            String item = new String(record.key(), UTF_8);
            ItemCode code = record.value() == null ? null : Json.read(record.value(), ItemCode.class);
            log.add(item + "=" + (code == null ? "deleted" : code.codes().toString()));
            if (code == null) {
                current.remove(item);
            } else {
                current.put(item, code);
            }
            requireDistinct();
        }
        deadLetters.addAll(deadLettersOut.readRecordsToList());
    }

    private void collectFromPrefixes() {
        for (TestRecord<byte[], byte[]> record : grantsOut.readRecordsToList()) {
            io.residua.indexer.wire.Answer answer =
                    new io.residua.indexer.wire.AnswerV1().deserializer().deserialize(TOPICS.grants(), record.value());
            String from = answer instanceof io.residua.indexer.wire.Answer.Grant grant
                    ? HexFormat.of().formatHex(Codes.prefixKey(grant.codes()))
                    : "full";
            enqueue(grants, from, record);
        }
    }

    private static void enqueue(
            SortedMap<String, Deque<TestRecord<byte[], byte[]>>> queues,
            String key,
            TestRecord<byte[], byte[]> record) {
        queues.computeIfAbsent(key, k -> new ArrayDeque<>()).add(record);
    }

    private void requireDistinct() {
        long distinct =
                current.values().stream().map(ItemCode::codes).distinct().count();
        if (distinct != current.size()) {
            throw new AssertionError("two items hold one code after " + log);
        }
    }

    /** Every record of the codes topic so far, as {@code item=[codes]} or {@code item=deleted}. */
    List<String> log() {
        return log;
    }

    /** What the codes topic says of an item now. */
    Optional<ItemCode> code(String item) {
        return Optional.ofNullable(current.get(item));
    }

    /** What the codes topic says of all items now. */
    Map<String, ItemCode> codes() {
        return current;
    }

    List<TestRecord<byte[], byte[]>> deadLetters() {
        return deadLetters;
    }

    /** Who holds which entry, as the prefix stage knows it: {@code codes → item}. */
    SortedMap<String, String> held() {
        SortedMap<String, String> held = new TreeMap<>();
        try (KeyValueIterator<byte[], Place> rows = prefixStage
                .<byte[], Place>getKeyValueStore(AssignTopology.PLACES)
                .all()) {
            while (rows.hasNext()) {
                KeyValue<byte[], Place> row = rows.next();
                if (row.key.length > 1) {
                    held.put(Arrays.toString(codesOf(row.key)), new String(row.value.itemId(), UTF_8));
                }
            }
        }
        return held;
    }

    /** Number of rows in a store of the item stage. */
    long itemRows() {
        return count(itemStage, AssignTopology.ITEMS);
    }

    private static long count(TopologyTestDriver driver, String store) {
        long count = 0;
        try (KeyValueIterator<byte[], Object> rows =
                driver.<byte[], Object>getKeyValueStore(store).all()) {
            while (rows.hasNext()) {
                rows.next();
                count++;
            }
        }
        return count;
    }

    private static int[] codesOf(byte[] placeKey) {
        int[] codes = new int[placeKey.length / 2];
        for (int level = 0; level < codes.length; level++) {
            codes[level] = ((placeKey[1 + 2 * level] & 0xFF) << 8) | (placeKey[2 + 2 * level] & 0xFF);
        }
        return codes;
    }

    private static String key(int prefix) {
        return HexFormat.of().formatHex(Codes.prefixKey(new int[] {prefix, 0}));
    }

    @Override
    public void close() {
        itemStage.close();
        prefixStage.close();
    }
}
