package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Json;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class PublishedModelsTest {
    private final PublishedModels models = new PublishedModels();

    @Test
    void orderIsThatOfTheOffsetsNotOfThePublishersClock() {
        // When: all three have the same time.
        publish("v2", "v2");
        publish("v1", "v1");
        publish("v3", "v3");
        publish("v2", "v2");

        // Then
        assertThat(models.versions()).containsExactly("v1", "v3", "v2");
    }

    @Test
    void withdrawnModelIsKnownToBeSoUntilItIsPublishedAgain() {
        // Given
        publish("v1", "v1");

        // When
        models.onRecord(new ConsumerRecord<>("models", 0, 1, "v1".getBytes(UTF_8), null));
        boolean withdrawn = models.withdrawn().contains("v1");
        publish("v1", "v1");

        // Then
        assertThat(withdrawn).isTrue();
        assertThat(models.withdrawn()).isEmpty();
        assertThat(models.versions()).containsExactly("v1");
    }

    @Test
    void recordThatIsNoModelOfItsKeyLeavesTheModelThereIs() {
        // Given
        publish("v1", "v1");

        // When / Then
        assertThatThrownBy(() -> publish("v1", "v2")).hasMessage("key is v1, but the model is v2");
        assertThat(models.of("v1").modelVersion()).isEqualTo("v1");
        assertThat(models.withdrawn()).isEmpty();
    }

    private void publish(String key, String version) {
        byte[] value = Json.write(GenerationSamples.model(version));
        models.onRecord(new ConsumerRecord<>("models", 0, 0, key.getBytes(UTF_8), value));
    }
}
