package io.residua.common.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicSpecTest {
    @Test
    void kindsOfTopicsDifferInTheirSettings() {
        // When
        Map<String, String> compacted = TopicSpec.compacted("a", 4).allSettings();
        Map<String, String> log = TopicSpec.log("a", 4).allSettings();
        Map<String, String> both = TopicSpec.compactedLog("a", 4).allSettings();
        Map<String, String> kept = TopicSpec.untilProcessed("a", 4).allSettings();

        // Then
        assertThat(compacted).containsOnly(Map.entry("cleanup.policy", "compact"));
        assertThat(log).containsOnly(Map.entry("cleanup.policy", "delete"));
        assertThat(both).containsOnly(Map.entry("cleanup.policy", "compact,delete"));
        assertThat(kept)
                .containsOnly(
                        Map.entry("cleanup.policy", "delete"),
                        Map.entry("retention.ms", "-1"),
                        Map.entry("retention.bytes", "-1"));
    }

    @Test
    void limitsThatWouldLoseRecordsAreRequiredToBeAbsent() {
        // When
        Map<String, String> required =
                TopicSpec.untilProcessed("a", 4).with("segment.bytes", "5").requiredSettings();

        // Then
        assertThat(required)
                .containsOnly(
                        Map.entry("cleanup.policy", "delete"),
                        Map.entry("retention.ms", "-1"),
                        Map.entry("retention.bytes", "-1"));
    }

    @Test
    void settingsAreAddedToACopy() {
        // Given
        TopicSpec plain = TopicSpec.compacted("item-embeddings", 4);

        // When
        TopicSpec more = plain.withTombstonesKept(Duration.ofDays(7)).with("max.message.bytes", "5");

        // Then
        assertThat(more.settings())
                .containsOnly(Map.entry("delete.retention.ms", "604800000"), Map.entry("max.message.bytes", "5"));
        assertThat(more.name()).isEqualTo("item-embeddings");
        assertThat(more.partitions()).isEqualTo(4);
        assertThat(plain.settings()).isEmpty();
    }

    @Test
    void whatABrokerWouldRefuseIsRefusedHere() {
        // When / Then
        assertThatThrownBy(() -> TopicSpec.log("a", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("partitions of a is 0, expected at least 1");
        assertThatThrownBy(() -> TopicSpec.log("a b", 1)).hasMessageContaining("'a b'");
        assertThatThrownBy(() -> TopicSpec.log("..", 1)).hasMessageContaining("'..'");
        assertThatThrownBy(() -> TopicSpec.log("x".repeat(250), 1)).hasMessageContaining("249");
        assertThatThrownBy(() -> new TopicSpec("a", 1, "shrink", Map.of())).hasMessageContaining("'shrink'");
    }

    @Test
    void settingsDoNotFollowTheCallersMap() {
        // Given
        Map<String, String> settings = new HashMap<>(Map.of("a", "1"));
        TopicSpec spec = new TopicSpec("t", 1, "delete", settings);

        // When
        settings.put("b", "2");

        // Then
        assertThat(spec.settings()).containsOnly(Map.entry("a", "1"));
    }
}
