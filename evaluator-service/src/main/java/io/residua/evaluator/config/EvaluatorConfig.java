package io.residua.evaluator.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Configuration of the evaluator. */
@ConfigMapping(prefix = "residua.evaluator")
public interface EvaluatorConfig {
    /** Prefix of the Kafka Streams application ids, before a format number and the model version. */
    @WithDefault("residua-evaluator")
    String applicationId();

    /** State folder of this replica, which also holds its instance id. Each replica needs its own. */
    @WithDefault(".residua/evaluator")
    Path stateDir();

    /** Minimum time between two metrics records of one model. */
    @WithDefault("1s")
    Duration emitInterval();

    /** Commit interval of Kafka Streams. */
    @WithDefault("1s")
    Duration commitInterval();

    /** Session timeout, after which other replicas take over the tasks of a silent one. */
    @WithDefault("10s")
    Duration sessionTimeout();

    /** Stream threads per generation. */
    @WithDefault("1")
    int threads();

    /** Block cache that all state stores of the process share. */
    @WithDefault("32M")
    MemorySize rocksdbCache();

    /** Maximum number of metrics per model kept in memory for the dashboard's curves. */
    @WithDefault("600")
    int history();
}
