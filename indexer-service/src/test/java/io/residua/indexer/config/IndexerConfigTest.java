package io.residua.indexer.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IndexerConfigTest {
    @Test
    void everySettingHasItsDefault() {
        // When
        IndexerConfig config = config(Map.of());

        // Then
        assertThat(config.applicationId()).isEqualTo("residua-indexer");
        assertThat(config.stateDir()).isEqualTo(Path.of(".residua/indexer"));
        assertThat(config.batchSize()).isEqualTo(512);
        assertThat(config.encodeThreads()).isZero();
        assertThat(config.encodeRuns()).isEqualTo(1);
        assertThat(config.streamThreads()).isEqualTo(2);
        assertThat(config.standbyReplicas()).isZero();
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.resolveInterval()).isEqualTo(Duration.ofMillis(10));
        assertThat(config.sinkhornEpsilon()).isEqualTo(0.02);
        assertThat(config.deleteMarkerRetention()).isEqualTo(Duration.ofHours(24));
        assertThat(config.purgeInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.readyCoverage()).isEqualTo(0.99);
        assertThat(config.supersedeGrace()).isEqualTo(Duration.ofHours(1));
        assertThat(config.retireGrace()).isEqualTo(Duration.ofHours(1));
        assertThat(config.retireArtifacts()).isFalse();
        assertThat(config.stateCacheBytes()).isEqualTo(128 << 20);
    }

    @Test
    void everySettingIsReadUnderItsName() {
        // When
        IndexerConfig config = config(Map.ofEntries(
                Map.entry("residua.index.application-id", "other"),
                Map.entry("residua.index.state-dir", "/data"),
                Map.entry("residua.index.batch-size", "64"),
                Map.entry("residua.index.encode-threads", "3"),
                Map.entry("residua.index.encode-runs", "2"),
                Map.entry("residua.index.stream-threads", "4"),
                Map.entry("residua.index.standby-replicas", "1"),
                Map.entry("residua.index.commit-interval", "50ms"),
                Map.entry("residua.index.resolve-interval", "5ms"),
                Map.entry("residua.index.sinkhorn-epsilon", "0.05"),
                Map.entry("residua.index.delete-marker-retention", "48h"),
                Map.entry("residua.index.purge-interval", "10s"),
                Map.entry("residua.index.ready-coverage", "0.5"),
                Map.entry("residua.index.supersede-grace", "10m"),
                Map.entry("residua.index.retire-grace", "20m"),
                Map.entry("residua.index.retire-artifacts", "true"),
                Map.entry("residua.index.state-cache-bytes", "2097152")));

        // Then
        assertThat(config.applicationId()).isEqualTo("other");
        assertThat(config.stateDir()).isEqualTo(Path.of("/data"));
        assertThat(config.batchSize()).isEqualTo(64);
        assertThat(config.encodeThreads()).isEqualTo(3);
        assertThat(config.encodeRuns()).isEqualTo(2);
        assertThat(config.streamThreads()).isEqualTo(4);
        assertThat(config.standbyReplicas()).isEqualTo(1);
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(50));
        assertThat(config.resolveInterval()).isEqualTo(Duration.ofMillis(5));
        assertThat(config.sinkhornEpsilon()).isEqualTo(0.05);
        assertThat(config.deleteMarkerRetention()).isEqualTo(Duration.ofHours(48));
        assertThat(config.purgeInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.readyCoverage()).isEqualTo(0.5);
        assertThat(config.supersedeGrace()).isEqualTo(Duration.ofMinutes(10));
        assertThat(config.retireGrace()).isEqualTo(Duration.ofMinutes(20));
        assertThat(config.retireArtifacts()).isTrue();
        assertThat(config.stateCacheBytes()).isEqualTo(2 << 20);
    }

    private static IndexerConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withMapping(IndexerConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withConverter(Duration.class, 100, new io.quarkus.runtime.configuration.DurationConverter())
                .build()
                .getConfigMapping(IndexerConfig.class);
    }
}
