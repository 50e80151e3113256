package io.residua.benchmarks.datapath;

import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.wire.GenerationTopics;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** The generation whose stages are measured, which {@link StagesBenchmark} and {@link StagesProcess} agree on. */
final class StagesTopics {
    static final int PARTITIONS = 4;
    static final String MODEL_VERSION = "bench";
    /** Gets what the limit writes. */
    static final String LIMIT = "limit";

    private final SmallRyeConfig config;

    /** With the indexer's settings as system properties and environment give them, and a state folder. */
    StagesTopics(Path stateFolder) {
        config = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withSources(new PropertiesConfigSource(
                        Map.of("residua.index.state-dir", stateFolder.toString()), "benchmark", 1000))
                .withConverter(Duration.class, 200, StagesTopics::duration)
                .withMapping(TopicsConfig.class)
                .withMapping(IndexerConfig.class)
                .build();
    }

    IndexerConfig indexer() {
        return config.getConfigMapping(IndexerConfig.class);
    }

    GenerationTopics names() {
        return GenerationTopics.of(
                indexer().applicationId(), MODEL_VERSION, config.getConfigMapping(TopicsConfig.class));
    }

    void create(Admin admin) {
        Topics topics = new Topics(admin, config.getConfigMapping(TopicsConfig.class));
        topics.ensure(names().specs(PARTITIONS));
        topics.ensure(TopicSpec.log(names().deadLetters(), 1), TopicSpec.log(LIMIT, PARTITIONS));
    }

    /** {@code 100ms}, or what follows {@code PT} in ISO 8601. */
    private static Duration duration(String text) {
        return text.endsWith("ms")
                ? Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)))
                : Duration.parse("PT" + text);
    }
}
