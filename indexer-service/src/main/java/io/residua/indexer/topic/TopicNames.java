package io.residua.indexer.topic;

import io.residua.common.topic.TopicsConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** The names of topics for a command, which has no container that would bring them. */
public final class TopicNames {
    private TopicNames() {}

    /** Those of the same settings as the services': system properties and the environment. */
    public static TopicsConfig configured() {
        return new SmallRyeConfigBuilder()
                .addDefaultSources()
                .withMapping(TopicsConfig.class)
                .build()
                .getConfigMapping(TopicsConfig.class);
    }
}
