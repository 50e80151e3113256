package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.Codes;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.HeldCode;
import io.residua.indexer.wire.HeldCodeV2;
import io.residua.indexer.wire.ItemCommand;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.ItemCounts;
import io.residua.indexer.wire.ItemCountsV1;
import io.residua.indexer.wire.ItemState;
import io.residua.indexer.wire.ItemStateV2;
import io.residua.indexer.wire.PrefixCommand;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.test.TestRecord;

/**
 * Runs the two stages apart, so that a test decides what overtakes what: whatever is sent stays in flight until the test
 * delivers it. Order is kept per sender and receiver, as in Kafka, and nowhere else.
 *
 * <p>The model has two levels in two dimensions: prefixes at x = −10 and x = 10, and in each of them entries 0, 1 and 2 at
 * −1, 0 and 1 from there.
 *
 * <p>At every record this checks that no two items hold one code in the codes topic, and that every held code has a
 * grant in flight, is published, or has a release in flight, each under the claim that holds it. With a model of the
 * test's own, which comes with many items, the latter is checked when everything has settled.
 */
final class StageHarness implements AutoCloseable {
    static final Codebooks CODEBOOKS = Codebooks.of(2, new float[][] {{-10, 0, 10, 0}, {-1, 0, 0, 0, 1, 0}});
    static final GenerationTopics TOPICS =
            new GenerationTopics("app-v", "embeddings", "dlq", "requests", "grants", "counts", "codes");

    private static final PrefixCommandV2 PREFIX_COMMANDS = new PrefixCommandV2();
    private static final ItemCommandV2 ITEM_COMMANDS = new ItemCommandV2();
    private static final String ENCODE = "encode";
    private static final String ITEMS = "items";

    private final List<ConsumerRecord<byte[], byte[]>> source = new ArrayList<>();
    private final List<TestRecord<byte[], byte[]>> encoded = new ArrayList<>();
    private final StageDriver itemStage;
    private final StageDriver prefixStage;
    private final SortedMap<String, Deque<TestRecord<byte[], byte[]>>> requests = new TreeMap<>();
    private final SortedMap<String, Deque<TestRecord<byte[], byte[]>>> grants = new TreeMap<>();
    private final List<String> log = new ArrayList<>();
    private final Map<String, ItemCode> current = new HashMap<>();
    private final List<TestRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final boolean checksEveryRecord;
    private SourceFloor floor = SourceFloor.NONE;
    private boolean sourceAnswers = true;
    private ItemCounts counts = new ItemCounts(0, 0);

    StageHarness() {
        this(CODEBOOKS);
    }

    StageHarness(Codebooks codebooks) {
        checksEveryRecord = codebooks == CODEBOOKS;
        AssignSettings settings = new AssignSettings(
                "v",
                codebooks,
                1,
                0.02,
                Duration.ofMillis(10),
                Duration.ofMillis(100),
                Duration.ofHours(24),
                () -> floor,
                this::read,
                new DeadLetters(TOPICS.deadLetters(), 1 << 20, new IndexerMeters(registry)),
                new IndexerMeters(registry));
        itemStage = new StageDriver(
                (topology, stores) -> AssignTopology.addItemStage(topology, TOPICS, settings, stores), TOPICS.grants());
        prefixStage = new StageDriver(
                (topology, stores) -> AssignTopology.addPrefixStage(topology, TOPICS, settings, stores),
                TOPICS.requests());
    }

    private CompletableFuture<Optional<ConsumerRecord<byte[], byte[]>>> read(SourcePosition position) {
        if (!sourceAnswers) {
            return CompletableFuture.failedFuture(new IllegalStateException("the broker is away"));
        }
        return CompletableFuture.completedFuture(source.stream()
                .filter(record -> record.offset() == position.offset() && record.partition() == position.partition())
                .findFirst());
    }

    /** Whether source records can be read again. */
    void sourceAnswers(boolean answers) {
        sourceAnswers = answers;
    }

    /** Compaction removed an item's records below an offset from the source. */
    void compactSource(String item, long below) {
        source.removeIf(record -> new String(record.key(), UTF_8).equals(item) && record.offset() < below);
    }

    /** Everything in the source's partition 0 below {@code offset} has been answered. */
    void floor(long capturedAt, long offset) {
        floor = new SourceFloor(capturedAt, Map.of(0, offset));
    }

    /** The item's embedding was encoded to the latent (x, 0). */
    void embed(String item, long offset, float x) {
        embed(item, new SourcePosition(0, offset, offset), x);
    }

    void embed(String item, SourcePosition position, float x) {
        embed(item, position, new float[] {x, 0}, CODEBOOKS);
    }

    void embed(String item, SourcePosition position, float[] z, Codebooks codebooks) {
        source.add(new ConsumerRecord<>(
                "embeddings", position.partition(), position.offset(), item.getBytes(UTF_8), new byte[] {42}));
        int[] nearest = codebooks.nearest(z);
        Request request =
                new Request(item.getBytes(UTF_8), position, Arrays.hashCode(z), Math.abs(z[0]), nearest, z, 0);
        TestRecord<byte[], byte[]> record =
                new TestRecord<>(Codes.prefixKey(nearest), PREFIX_COMMANDS.toBytes(request));
        encoded.add(record);
        enqueue(requests, ENCODE + hex(record.key()), record);
    }

    /** The item's deletion was read. */
    void delete(String item, long offset) {
        Deleted deleted = new Deleted(new SourcePosition(0, offset, offset));
        enqueue(grants, ENCODE, new TestRecord<>(item.getBytes(UTF_8), ITEM_COMMANDS.toBytes(deleted)));
    }

    /** A replica that does not know better sends an embedding's request again. */
    void repeatRequest(int index) {
        TestRecord<byte[], byte[]> record = encoded.get(index);
        enqueue(requests, "zombie" + hex(record.key()), record);
    }

    int requestsSent() {
        return encoded.size();
    }

    /** Sends any record to a stage. */
    void sendRequest(byte[] key, byte[] value) {
        prefixStage.process(new TestRecord<>(key, value));
        collectFromPrefixes();
    }

    void sendGrant(byte[] key, byte[] value) {
        itemStage.process(new TestRecord<>(key, value));
        collectFromItems();
    }

    /** Delivers all that is in flight to a prefix. */
    void deliverRequests(int prefix) {
        List<String> queues = requestQueues().stream()
                .filter(queue -> queue.endsWith(key(prefix)))
                .toList();
        queues.forEach(queue -> {
            while (deliverRequest(queue)) {
                // one by one
            }
        });
    }

    /** Delivers all that a prefix has answered. */
    void deliverGrants(int prefix) {
        while (deliverGrant(key(prefix))) {
            // one by one
        }
    }

    /** Delivers all deletions. */
    void deliverDeletions() {
        while (deliverGrant(ENCODE)) {
            // one by one
        }
    }

    /** Lets the waiting items of all prefixes be resolved. */
    void resolve() {
        prefixStage.advance(Duration.ofMillis(10));
        collectFromPrefixes();
    }

    /** Lets time pass in the item stage. */
    void waitFor(Duration time) {
        itemStage.advance(time);
        collectFromItems();
    }

    /** Delivers everything until nothing is in flight. */
    void settle() {
        boolean busy = true;
        while (busy) {
            resolve();
            waitFor(Duration.ofMillis(100));
            busy = false;
            for (String queue : requestQueues()) {
                while (deliverRequest(queue)) {
                    busy = true;
                }
            }
            for (String queue : grantQueues()) {
                while (deliverGrant(queue)) {
                    busy = true;
                }
            }
        }
        resolve();
        for (int i = 0; i < 12; i++) {
            waitFor(Duration.ofMillis(100));
        }
        requireHeldCodesAccountedFor();
    }

    boolean deliverRequest(String queue) {
        TestRecord<byte[], byte[]> next = poll(requests, queue);
        if (next == null) {
            return false;
        }
        prefixStage.process(next);
        collectFromPrefixes();
        return true;
    }

    boolean deliverGrant(String queue) {
        TestRecord<byte[], byte[]> next = poll(grants, queue);
        if (next == null) {
            return false;
        }
        itemStage.process(next);
        collectFromItems();
        return true;
    }

    /** A transaction over all that is in flight to the prefix stage is aborted. */
    void abortRequests() {
        prefixStage.abort(all(requests), Duration.ofMillis(10));
    }

    /** A transaction over all that is in flight to the item stage is aborted. */
    void abortGrants() {
        itemStage.abort(all(grants), Duration.ofMillis(100));
    }

    /** Both stages are stopped and started again on their stores. */
    void restart() {
        itemStage.restart();
        prefixStage.restart();
    }

    /** Queues of records in flight to the prefix stage. */
    List<String> requestQueues() {
        return nonEmpty(requests);
    }

    /** Queues of records in flight to the item stage. */
    List<String> grantQueues() {
        return nonEmpty(grants);
    }

    private static TestRecord<byte[], byte[]> poll(
            SortedMap<String, Deque<TestRecord<byte[], byte[]>>> queues, String queue) {
        return queues.getOrDefault(queue, new ArrayDeque<>()).poll();
    }

    private static List<TestRecord<byte[], byte[]>> all(SortedMap<String, Deque<TestRecord<byte[], byte[]>>> queues) {
        return queues.values().stream().flatMap(Deque::stream).toList();
    }

    private static List<String> nonEmpty(SortedMap<String, Deque<TestRecord<byte[], byte[]>>> queues) {
        return queues.keySet().stream()
                .filter(key -> !queues.get(key).isEmpty())
                .toList();
    }

    private void collectFromItems() {
        for (TestRecord<byte[], byte[]> record : itemStage.sent(TOPICS.requests())) {
            enqueue(requests, ITEMS + hex(record.key()), record);
        }
        for (TestRecord<byte[], byte[]> record : itemStage.sent(TOPICS.codes())) {
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
        for (TestRecord<byte[], byte[]> record : itemStage.sent(TOPICS.counts())) {
            counts = new ItemCountsV1().fromBytes(record.value());
        }
        deadLetters.addAll(itemStage.sent(TOPICS.deadLetters()));
        if (checksEveryRecord) {
            requireHeldCodesAccountedFor();
        }
    }

    private void collectFromPrefixes() {
        for (TestRecord<byte[], byte[]> record : prefixStage.sent(TOPICS.grants())) {
            ItemCommand command = ITEM_COMMANDS.fromBytes(record.value());
            String from = command instanceof Grant grant ? hex(Codes.prefixKey(grant.codes())) : "full";
            enqueue(grants, from, record);
        }
        for (TestRecord<byte[], byte[]> record : prefixStage.sent(TOPICS.requests())) {
            enqueue(requests, "spill" + hex(record.key()), record);
        }
        deadLetters.addAll(prefixStage.sent(TOPICS.deadLetters()));
        if (checksEveryRecord) {
            requireHeldCodesAccountedFor();
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

    private void requireHeldCodesAccountedFor() {
        Map<String, HeldCode> held = heldCodes();
        all(grants).forEach(record -> {
            if (ITEM_COMMANDS.fromBytes(record.value()) instanceof Grant grant) {
                removeIfClaim(held, grant.codes(), grant.claim());
            }
        });
        all(requests).forEach(record -> {
            if (PREFIX_COMMANDS.fromBytes(record.value()) instanceof Release release) {
                removeIfClaim(held, release.codes(), release.claim());
            }
        });
        itemStates().values().forEach(state -> removeIfClaim(held, state.code(), state.claim()));
        if (!held.isEmpty()) {
            throw new AssertionError("nobody will release " + held.keySet() + " after " + log);
        }
    }

    private static void removeIfClaim(Map<String, HeldCode> held, int[] codes, long claim) {
        HeldCode row = held.get(Arrays.toString(codes));
        if (row != null && row.claim() == claim) {
            held.remove(Arrays.toString(codes));
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

    /** The last counts that the item stage published. */
    ItemCounts counts() {
        return counts;
    }

    /** Who holds which code, as the prefix stage knows it: {@code codes → item}. */
    SortedMap<String, String> held() {
        SortedMap<String, String> held = new TreeMap<>();
        heldCodes().forEach((code, row) -> held.put(code, new String(row.itemId(), UTF_8)));
        return held;
    }

    private Map<String, HeldCode> heldCodes() {
        Map<String, HeldCode> held = new HashMap<>();
        for (Map.Entry<Bytes, byte[]> row :
                prefixStage.rows(AssignTopology.HELD_CODES).entrySet()) {
            byte[] key = row.getKey().get();
            if (key.length > 1) {
                int[] codes = Codes.ofKey(Arrays.copyOfRange(key, 1, key.length));
                held.put(Arrays.toString(codes), new HeldCodeV2().fromBytes(row.getValue()));
            }
        }
        return held;
    }

    /** What the item stage knows of each item. */
    Map<String, ItemState> itemStates() {
        Map<String, ItemState> states = new HashMap<>();
        itemStage
                .rows(AssignTopology.ITEMS)
                .forEach((key, value) -> states.put(new String(key.get(), UTF_8), new ItemStateV2().fromBytes(value)));
        return states;
    }

    /** Number of rows that remember when items were deleted. */
    int deletionRows() {
        return itemStage.rows(AssignTopology.DELETIONS).size();
    }

    /** Number of requests that wait. */
    int waiting() {
        return prefixStage.rows(AssignTopology.WAITING).size();
    }

    private static String key(int prefix) {
        return hex(Codes.prefixKey(new int[] {prefix, 0}));
    }

    private static String hex(byte[] key) {
        return HexFormat.of().formatHex(key);
    }

    @Override
    public void close() {
        itemStage.close();
        prefixStage.close();
    }

    /** A request as the encode stage makes it, for tests that send it themselves. */
    static PrefixCommand request(String item, long offset, float x) {
        float[] z = {x, 0};
        return new Request(
                item.getBytes(UTF_8),
                new SourcePosition(0, offset, offset),
                Arrays.hashCode(z),
                Math.abs(x),
                CODEBOOKS.nearest(z),
                z,
                0);
    }
}
