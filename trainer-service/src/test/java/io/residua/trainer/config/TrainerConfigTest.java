package io.residua.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.Test;

class TrainerConfigTest {
    @Test
    void defaultsAreThese() {
        // When
        TrainerConfig config = config(Map.of());

        // Then
        assertThat(config.applicationId()).isEqualTo("residua-trainer");
        assertThat(config.stateDir()).isEqualTo(Path.of(".residua/trainer"));
        assertThat(config.dataRoot()).isEmpty();
        assertThat(config.jobsDir()).isEmpty();
        assertThat(config.jobHeap()).isEqualTo("1g");
        assertThat(config.jobThreads()).isEmpty();
        assertThat(config.maxCrashes()).isEqualTo(3);
        assertThat(config.progressInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.stopTimeout()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void everyPropertyHasThisName() {
        // When
        TrainerConfig config = config(Map.of(
                "residua.trainer.application-id", "a",
                "residua.trainer.state-dir", "s",
                "residua.trainer.data-root", "d",
                "residua.trainer.jobs-dir", "j",
                "residua.trainer.job-heap", "2g",
                "residua.trainer.job-threads", "4",
                "residua.trainer.max-crashes", "5",
                "residua.trainer.progress-interval", "1s",
                "residua.trainer.stop-timeout", "2s"));

        // Then
        assertThat(config.applicationId()).isEqualTo("a");
        assertThat(config.stateDir()).isEqualTo(Path.of("s"));
        assertThat(config.dataRoot()).contains(Path.of("d"));
        assertThat(config.jobsDir()).contains(Path.of("j"));
        assertThat(config.jobHeap()).isEqualTo("2g");
        assertThat(config.jobThreads()).contains(4);
        assertThat(config.maxCrashes()).isEqualTo(5);
        assertThat(config.progressInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.stopTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    private static TrainerConfig config(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .withMapping(TrainerConfig.class)
                .withDefaultValues(properties)
                .withConverters(new Converter<?>[] {new DurationConverter()})
                .build()
                .getConfigMapping(TrainerConfig.class);
    }
}
