package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.wire.GenerationTopics;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/** Models, identities and statuses as they are found on a broker. */
final class GenerationSamples {
    static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
    static final String APPLICATION_ID = "indexer";
    static final TopicIdentity SOURCE =
            new TopicIdentity("item-embeddings", Uuid.randomUuid().toString(), 4);
    private static final String SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private GenerationSamples() {}

    static ModelPublished model(String version) {
        ModelManifest manifest = new ModelManifest(
                ModelManifest.FORMAT,
                version,
                START,
                new ModelShape(4, List.of(), 2, List.of(8)),
                null,
                new TreeMap<>());
        return new ModelPublished(version, null, "file:///models/" + version, SHA256, manifest, START);
    }

    /** What a generation is built on: its codes, two internal topics and one changelog, all of which exist. */
    static IndexIdentity identity(String version) {
        GenerationTopics topics = topics(version);
        return new IndexIdentity(
                GenerationTopics.FORMAT,
                APPLICATION_ID,
                SOURCE,
                List.of(topics.application(), topics.encodeGroup()),
                List.of(
                        topic(topics.requests(), 4),
                        topic(topics.grants(), 4),
                        topic(topics.codes(), 4),
                        topic(topics.application() + "-items-changelog", 4)));
    }

    static TopicIdentity topic(String name, int partitions) {
        return new TopicIdentity(name, Uuid.randomUuid().toString(), partitions);
    }

    static GenerationTopics topics(String version) {
        return GenerationTopics.of(APPLICATION_ID, version, topicsConfig(Map.of()));
    }

    /** A generation that has begun to build. */
    static IndexStatus building(String version) {
        return StatusRecords.created(version, topics(version).codes(), identity(version), false, START);
    }

    static IndexStatus ready(String version) {
        return StatusRecords.in(new GenerationState.Ready(10, START), building(version), START);
    }

    static IndexStatus retired(String version) {
        return StatusRecords.in(
                new GenerationState.Retired(START, GenerationState.RemainingData.ALL), building(version), START);
    }

    static TopicsConfig topicsConfig(Map<String, String> settings) {
        return config(TopicsConfig.class, settings).getConfigMapping(TopicsConfig.class);
    }

    static IndexerConfig indexerConfig(Map<String, String> settings) {
        return config(IndexerConfig.class, settings).getConfigMapping(IndexerConfig.class);
    }

    private static SmallRyeConfig config(Class<?> mapping, Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withMapping(mapping)
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withConverter(Duration.class, 100, new io.quarkus.runtime.configuration.DurationConverter())
                .build();
    }
}
