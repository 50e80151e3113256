package io.residua.trainer.job;

import io.residua.common.topic.TopicsConfig;
import io.residua.trainer.config.TrainerConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A trainer that keeps all it has in one folder. */
record TestConfig(Path stateDir) implements TrainerConfig {
    static final int MAX_CRASHES = 2;

    static TopicsConfig topics() {
        return new SmallRyeConfigBuilder()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
    }

    @Override
    public String applicationId() {
        return "test";
    }

    @Override
    public Optional<Path> dataRoot() {
        return Optional.empty();
    }

    @Override
    public Optional<Path> jobsDir() {
        return Optional.of(stateDir.resolve("jobs"));
    }

    @Override
    public String jobHeap() {
        return "64m";
    }

    @Override
    public Optional<Integer> jobThreads() {
        return Optional.of(1);
    }

    @Override
    public int maxCrashes() {
        return MAX_CRASHES;
    }

    @Override
    public Duration progressInterval() {
        return Duration.ZERO;
    }

    @Override
    public Duration stopTimeout() {
        return Duration.ofSeconds(10);
    }
}
