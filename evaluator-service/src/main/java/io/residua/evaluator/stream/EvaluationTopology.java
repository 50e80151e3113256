package io.residua.evaluator.stream;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyDescription.Node;
import org.apache.kafka.streams.TopologyDescription.Processor;
import org.apache.kafka.streams.TopologyDescription.Sink;
import org.apache.kafka.streams.TopologyDescription.Source;
import org.apache.kafka.streams.TopologyDescription.Subtopology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The evaluation of one model version's codes:
 *
 * <pre>
 * item-codes-v ─► last-code ─► changes ─► tally ─► index-metrics
 *               (by item id)  (1 partition)
 * </pre>
 *
 * Exact whatever the number of partitions, since all changes meet in one task; exactly once, since both stages and the
 * topic between them are Kafka Streams' own.
 *
 * @param modelVersion the model
 * @param codebookSizes entries per level, coarsest first
 * @param codesTopic where its codes are
 * @param metricsTopic where its metrics go
 * @param emitInterval least time between two metrics
 * @param unreadable counts the records that are skipped
 */
public record EvaluationTopology(
        String modelVersion,
        List<Integer> codebookSizes,
        String codesTopic,
        String metricsTopic,
        Duration emitInterval,
        UnreadableCodes unreadable) {
    /** Builds it. */
    public Topology build() {
        Serde<byte[]> bytes = Serdes.ByteArray();
        ItemCodeReader reader = new ItemCodeReader(modelVersion, codebookSizes);
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(store(LastCodeProcessor.STORE));
        builder.addStateStore(store(TallyProcessor.COUNTS));
        // Cached: every change writes them, and their changelog gets them once a commit. Items and codes hardly recur
        // within a commit, so that a cache would absorb next to nothing.
        builder.addStateStore(store(TallyProcessor.TOTALS).withCachingEnabled());
        builder.stream(codesTopic, Consumed.with(bytes, bytes).withName("codes"))
                .process(
                        () -> new LastCodeProcessor(reader, unreadable), Named.as("last-code"), LastCodeProcessor.STORE)
                .repartition(
                        Repartitioned.with(bytes, bytes).withName("changes").withNumberOfPartitions(1))
                .process(
                        () -> new TallyProcessor(modelVersion, codebookSizes, emitInterval),
                        Named.as("tally"),
                        TallyProcessor.COUNTS,
                        TallyProcessor.TOTALS)
                .to(metricsTopic, Produced.with(bytes, bytes).withName("metrics"));
        return builder.build();
    }

    /**
     * The exact names of the topics that Kafka Streams creates for this topology under an application id: the repartition
     * topics and the stores' changelogs.
     */
    Set<String> internalTopics(String applicationId) {
        Set<String> readTopics = new HashSet<>();
        Set<String> writtenTopics = new HashSet<>();
        Set<String> stores = new HashSet<>();
        for (Subtopology subtopology : build().describe().subtopologies()) {
            for (Node node : subtopology.nodes()) {
                if (node instanceof Source source) {
                    readTopics.addAll(source.topicSet());
                } else if (node instanceof Sink sink) {
                    writtenTopics.add(sink.topic());
                } else if (node instanceof Processor processor) {
                    stores.addAll(processor.stores());
                }
            }
        }
        Set<String> internal = new HashSet<>();
        // Only a repartition topic is both written and read.
        readTopics.stream().filter(writtenTopics::contains).forEach(topic -> internal.add(applicationId + "-" + topic));
        stores.forEach(store -> internal.add(applicationId + "-" + store + "-changelog"));
        return internal;
    }

    private static StoreBuilder<KeyValueStore<byte[], byte[]>> store(String name) {
        return Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray());
    }
}
