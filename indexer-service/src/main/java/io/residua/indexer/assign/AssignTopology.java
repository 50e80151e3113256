package io.residua.indexer.assign;

import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.HeldCodeV2;
import io.residua.indexer.wire.ItemCommandV2;
import io.residua.indexer.wire.ItemStateV2;
import io.residua.indexer.wire.KeyPartitions;
import io.residua.indexer.wire.PrefixCommandV2;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The Kafka Streams topology of one generation:
 *
 * <pre>
 * requests ─► prefix stage ─┬─► grants ─► item stage ─┬─► item-codes, counts
 *     ▲            spilled  │                         │
 *     ├─────────────────────┘                releases │
 *     └───────────────────────────────────────────────┘
 * </pre>
 *
 * <p>The stages exchange bytes: they read and check each record themselves, so that a damaged one can be set aside in the
 * transaction that consumes it. Partitions of keyed topics are chosen by {@link KeyPartitions}, as in the encode stage.
 */
public final class AssignTopology {
    /** Store of the prefix stage: requests that wait for an entry. */
    public static final String WAITING = "waiting";

    static final String HELD_CODES = "held-codes";
    static final String ITEMS = "items";
    static final String DELETIONS = "deletions";
    static final String REFUSALS = "refusals";
    static final String CODES_SINK = "codes";
    static final String COUNTS_SINK = "counts";
    static final String GRANTS_SINK = "grants";
    static final String ITEM_REQUESTS_SINK = "releases";
    static final String PREFIX_REQUESTS_SINK = "spilled-requests";
    static final String ITEM_DEAD_LETTERS_SINK = "item-dead-letters";
    static final String PREFIX_DEAD_LETTERS_SINK = "prefix-dead-letters";
    static final ItemCommandV2 ITEM_COMMANDS = new ItemCommandV2();

    private static final ByteArrayDeserializer IN = new ByteArrayDeserializer();
    private static final ByteArraySerializer OUT = new ByteArraySerializer();
    private static final String GRANTS_SOURCE = "grants-in";
    private static final String REQUESTS_SOURCE = "requests-in";
    private static final String ITEM_STAGE = "item-stage";
    private static final String PREFIX_STAGE = "prefix-stage";

    private AssignTopology() {}

    /** Builds the topology of the generation whose topics are {@code topics}. */
    public static Topology build(GenerationTopics topics, AssignSettings settings) {
        Topology topology = new Topology();
        addItemStage(topology, topics, settings, Stores::persistentKeyValueStore);
        addPrefixStage(topology, topics, settings, Stores::persistentKeyValueStore);
        return topology;
    }

    /** The changelog topics that Kafka Streams makes for the stores. */
    public static List<String> changelogs(GenerationTopics topics) {
        return List.of(WAITING, HELD_CODES, ITEMS, DELETIONS, REFUSALS).stream()
                .map(store -> topics.application() + "-" + store + "-changelog")
                .toList();
    }

    static void addItemStage(
            Topology topology,
            GenerationTopics topics,
            AssignSettings settings,
            Function<String, KeyValueBytesStoreSupplier> stores) {
        StreamPartitioner<byte[], Object> byKey = partitioner(settings.partitions());
        topology.addSource(GRANTS_SOURCE, IN, IN, topics.grants())
                .addProcessor(ITEM_STAGE, () -> new ItemStage(settings), GRANTS_SOURCE)
                .addStateStore(store(stores.apply(ITEMS), new ItemStateV2()), ITEM_STAGE)
                .addStateStore(store(stores.apply(DELETIONS), Serdes.ByteArray()), ITEM_STAGE)
                .addStateStore(store(stores.apply(REFUSALS), Serdes.ByteArray()), ITEM_STAGE);
        addSink(topology, CODES_SINK, topics.codes(), byKey, ITEM_STAGE);
        addSink(topology, ITEM_REQUESTS_SINK, topics.requests(), byKey, ITEM_STAGE);
        addSink(topology, COUNTS_SINK, topics.counts(), partitioner(1), ITEM_STAGE);
        addSink(topology, ITEM_DEAD_LETTERS_SINK, topics.deadLetters(), null, ITEM_STAGE);
    }

    static void addPrefixStage(
            Topology topology,
            GenerationTopics topics,
            AssignSettings settings,
            Function<String, KeyValueBytesStoreSupplier> stores) {
        StreamPartitioner<byte[], Object> byKey = partitioner(settings.partitions());
        topology.addSource(REQUESTS_SOURCE, IN, IN, topics.requests())
                .addProcessor(PREFIX_STAGE, () -> new PrefixStage(settings), REQUESTS_SOURCE)
                .addStateStore(store(stores.apply(HELD_CODES), new HeldCodeV2()), PREFIX_STAGE)
                .addStateStore(store(stores.apply(WAITING), new PrefixCommandV2()), PREFIX_STAGE);
        addSink(topology, GRANTS_SINK, topics.grants(), byKey, PREFIX_STAGE);
        addSink(topology, PREFIX_REQUESTS_SINK, topics.requests(), byKey, PREFIX_STAGE);
        addSink(topology, PREFIX_DEAD_LETTERS_SINK, topics.deadLetters(), null, PREFIX_STAGE);
    }

    private static void addSink(
            Topology topology, String name, String topic, StreamPartitioner<byte[], Object> partitioner, String stage) {
        topology.addSink(name, topic, OUT, (to, value) -> (byte[]) value, partitioner, stage);
    }

    private static StreamPartitioner<byte[], Object> partitioner(int partitions) {
        return (topic, key, value, there) -> Optional.of(Set.of(KeyPartitions.of(key, partitions)));
    }

    private static <V> StoreBuilder<KeyValueStore<byte[], V>> store(
            KeyValueBytesStoreSupplier supplier, Serde<V> values) {
        return Stores.keyValueStoreBuilder(supplier, Serdes.ByteArray(), values).withCachingDisabled();
    }
}
