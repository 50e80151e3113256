package io.residua.indexer.assign;

import io.residua.indexer.wire.AnswerV1;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.ItemStateV1;
import io.residua.indexer.wire.LatentV1;
import io.residua.indexer.wire.PlaceV1;
import io.residua.indexer.wire.PrefixCommandV1;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The Kafka Streams topology of one generation:
 *
 * <pre>
 * latents ─┬─► item stage ─► requests ─► prefix stage ─► grants ─┐
 *          │        └─► item-codes                               │
 *          └──────────────────────◄──────────────────────────────┘
 * </pre>
 */
public final class AssignTopology {
    /** Store of the prefix stage: items that wait for an entry. */
    public static final String WAITING = "waiting";

    static final String ITEMS = "items";
    static final String DELETIONS = "deletions";
    static final String PLACES = "places";
    static final String CODES_SINK = "codes";
    static final String REQUESTS_SINK = "requests";
    static final String DEAD_LETTERS_SINK = "dead-letters";
    static final String SOURCE = "/residua/indexer";
    static final String ITEM_CODE_TYPE = "io.residua.item-code";

    private static final ByteArrayDeserializer KEY = new ByteArrayDeserializer();
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();
    private static final String LATENTS_SOURCE = "latents-in";
    private static final String GRANTS_SOURCE = "grants-in";
    private static final String REQUESTS_SOURCE = "requests-in";
    private static final String GRANTS_SINK = "grants";
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

    static void addItemStage(
            Topology topology,
            GenerationTopics topics,
            AssignSettings settings,
            Function<String, KeyValueBytesStoreSupplier> stores) {
        topology.addSource(LATENTS_SOURCE, KEY, new LatentV1().deserializer(), topics.latents())
                .addSource(GRANTS_SOURCE, KEY, new AnswerV1().deserializer(), topics.grants())
                .addProcessor(ITEM_STAGE, () -> new ItemStage(settings), LATENTS_SOURCE, GRANTS_SOURCE)
                .addStateStore(store(stores.apply(ITEMS), new ItemStateV1()), ITEM_STAGE)
                .addStateStore(store(stores.apply(DELETIONS), Serdes.ByteArray()), ITEM_STAGE)
                .addSink(CODES_SINK, topics.codes(), BYTES, BYTES, ITEM_STAGE)
                .addSink(REQUESTS_SINK, topics.requests(), BYTES, new PrefixCommandV1().serializer(), ITEM_STAGE)
                .addSink(DEAD_LETTERS_SINK, topics.deadLetters(), BYTES, BYTES, ITEM_STAGE);
    }

    static void addPrefixStage(
            Topology topology,
            GenerationTopics topics,
            AssignSettings settings,
            Function<String, KeyValueBytesStoreSupplier> stores) {
        topology.addSource(REQUESTS_SOURCE, KEY, new PrefixCommandV1().deserializer(), topics.requests())
                .addProcessor(PREFIX_STAGE, () -> new PrefixStage(settings), REQUESTS_SOURCE)
                .addStateStore(store(stores.apply(PLACES), new PlaceV1()), PREFIX_STAGE)
                .addStateStore(store(stores.apply(WAITING), new PrefixCommandV1()), PREFIX_STAGE)
                .addSink(GRANTS_SINK, topics.grants(), BYTES, new AnswerV1().serializer(), PREFIX_STAGE);
    }

    private static <V> StoreBuilder<KeyValueStore<byte[], V>> store(
            KeyValueBytesStoreSupplier supplier, Serde<V> values) {
        return Stores.keyValueStoreBuilder(supplier, Serdes.ByteArray(), values).withCachingDisabled();
    }
}
