package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TombstoneRetentionTest {
    @ParameterizedTest
    @CsvSource({
        "compact, 1000, 5, 1000",
        "delete, 5, 1000, 1000",
        "'compact,delete', 1000, 5, 5",
        "'compact,delete', 5, 1000, 5",
        "'delete,compact', 1000, -1, 1000",
        "delete, 5, -1,",
    })
    void deletionsAreKeptAsLongAsEveryPolicyOfTheTopicKeepsThem(
            String policy, long deleteRetention, long retention, Long expected) {
        // Given
        Config config = new Config(List.of(
                new ConfigEntry("cleanup.policy", policy),
                new ConfigEntry("delete.retention.ms", Long.toString(deleteRetention)),
                new ConfigEntry("retention.ms", Long.toString(retention))));

        // When
        Optional<Duration> kept = BrokerState.tombstoneRetention(config);

        // Then
        assertThat(kept).isEqualTo(Optional.ofNullable(expected).map(Duration::ofMillis));
    }
}
