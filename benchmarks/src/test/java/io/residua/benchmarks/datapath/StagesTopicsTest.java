package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.config.IndexerConfig;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class StagesTopicsTest {
    @Test
    void stagesHaveTheIndexersDefaultsAndAStateFolderOfTheirOwn() {
        // When
        IndexerConfig config = new StagesTopics(Path.of("state")).indexer();

        // Then
        assertThat(config.stateDir()).isEqualTo(Path.of("state"));
        assertThat(config.streamThreads()).isEqualTo(2);
        assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(100));
        assertThat(config.purgeInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.deleteMarkerRetention()).isEqualTo(Duration.ofHours(24));
    }
}
