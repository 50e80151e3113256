package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class StatusTopicTest {
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final MovableClock clock = new MovableClock();
    private final StatusTopic status = new StatusTopic("index-status", producer, clock);

    @Test
    void whatWasPublishedIsKnownOnlyOnceItHasBeenReadBack() {
        // Given
        IndexStatus building = GenerationSamples.building("v1");

        // When
        status.publish(building);
        IndexStatus before = status.of("v1");
        status.onRecord("v1", building);

        // Then
        assertThat(before).isNull();
        assertThat(status.of("v1")).isEqualTo(building);
        assertThat(status.states()).containsOnlyKeys("v1");
    }

    @Test
    void tombstoneForgetsAVersion() {
        // Given
        status.onRecord("v1", GenerationSamples.building("v1"));

        // When
        status.onRecord("v1", null);

        // Then
        assertThat(status.of("v1")).isNull();
    }

    @Test
    void recordThatMustBeThereBeforeTheNextStepFailsIfItIsNot() {
        // Given
        producer.sendException = new TopicAuthorizationException("index-status");

        // When / Then
        assertThatThrownBy(() -> status.publishAndWait(GenerationSamples.building("v1")))
                .isInstanceOf(TopicAuthorizationException.class);
        assertThat(status.of("v1")).isNull();
    }

    @Test
    void pinIsWrittenUntilItIsReadBackAndNotForEver() {
        // Given
        status.onRecord("v1", GenerationSamples.ready("v1"));

        // When
        status.pin("v1", true);
        status.publishPins();
        List<Boolean> asked = pins();
        status.onRecord("v1", GenerationSamples.ready("v1").withPinned(true, clock.instant()));
        status.publishPins();
        int afterReadingBack = producer.history().size();
        clock.advance(Duration.ofMinutes(1));
        status.publishPins();
        status.onRecord("v1", GenerationSamples.ready("v1"));
        status.publishPins();

        // Then
        assertThat(asked).containsExactly(true, true);
        assertThat(afterReadingBack).isEqualTo(2);
        assertThat(producer.history()).hasSize(2);
        assertThat(status.pinned()).isEmpty();
    }

    @Test
    void pinHoldsFromTheMomentItIsAskedFor() {
        // Given
        status.onRecord("v1", GenerationSamples.ready("v1"));
        status.onRecord("v2", GenerationSamples.ready("v2").withPinned(true, clock.instant()));

        // When
        status.pin("v1", true);
        status.pin("v2", false);

        // Then
        assertThat(status.pinned()).containsExactly("v1");
    }

    private List<Boolean> pins() {
        return producer.history().stream()
                .map(record -> Json.read(record.value(), IndexStatus.class).isPinned())
                .toList();
    }
}
