package io.residua.evaluator.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.MemorySize;
import io.residua.evaluator.TestConfig;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluatorConfigTest {
    @Test
    void hasTheseDefaults() {
        // When
        EvaluatorConfig config = read(Map.of());

        // Then
        assertThat(config.applicationId()).isEqualTo("residua-evaluator");
        assertThat(config.stateDir()).isEqualTo(Path.of(".residua/evaluator"));
        assertThat(config.emitInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.commitInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.threads()).isEqualTo(1);
        assertThat(config.rocksdbCache()).isEqualTo(new MemorySize(BigInteger.valueOf(32 << 20)));
        assertThat(config.history()).isEqualTo(600);
    }

    @Test
    void readsTheseNames() {
        // Given
        Map<String, String> properties = Map.of(
                "residua.evaluator.application-id", "a",
                "residua.evaluator.state-dir", "/c",
                "residua.evaluator.emit-interval", "2s",
                "residua.evaluator.commit-interval", "3ms",
                "residua.evaluator.session-timeout", "4s",
                "residua.evaluator.threads", "5",
                "residua.evaluator.rocksdb-cache", "6M",
                "residua.evaluator.history", "7");

        // When
        EvaluatorConfig config = read(properties);

        // Then
        assertThat(config.applicationId()).isEqualTo("a");
        assertThat(config.stateDir()).isEqualTo(Path.of("/c"));
        assertThat(config.emitInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(3));
        assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(config.threads()).isEqualTo(5);
        assertThat(config.rocksdbCache().asLongValue()).isEqualTo(6 << 20);
        assertThat(config.history()).isEqualTo(7);
    }

    private static EvaluatorConfig read(Map<String, String> properties) {
        return TestConfig.read(EvaluatorConfig.class, properties);
    }
}
