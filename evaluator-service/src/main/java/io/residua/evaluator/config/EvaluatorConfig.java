package io.residua.evaluator.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** How the evaluator works. */
@ConfigMapping(prefix = "residua.evaluator")
public interface EvaluatorConfig {
    /** What the ids of the Streams applications begin with; a format number and the model version follow. */
    @WithDefault("residua-evaluator")
    String applicationId();

    /** Folder for local state, and for what tells this replica from others; no two processes may share one. */
    @WithDefault(".residua/evaluator")
    Path stateDir();

    /** Least time between two metrics of one model. */
    @WithDefault("1s")
    Duration emitInterval();

    /** How often what has been counted is committed. */
    @WithDefault("1s")
    Duration commitInterval();

    /** How long a replica may be silent before the others take over. */
    @WithDefault("10s")
    Duration sessionTimeout();

    /** Stream threads per generation. */
    @WithDefault("1")
    int threads();

    /** Memory that all state stores of the process share. */
    @WithDefault("32M")
    MemorySize rocksdbCache();

    /** Metrics per model that are kept in memory for the dashboard's curves. */
    @WithDefault("600")
    int history();
}
