package io.residua.evaluator;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Configuration without a container. */
public final class TestConfig {
    private TestConfig() {}

    public static <T> T read(Class<T> mapping, Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .addDefaultInterceptors()
                .withMapping(mapping)
                .withDefaultValues(properties)
                .build()
                .getConfigMapping(mapping);
    }
}
