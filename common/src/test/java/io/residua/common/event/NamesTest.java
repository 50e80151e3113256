package io.residua.common.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "0",
                "v1",
                "2026-01-02-a7f",
                "a-",
                "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
            })
    void validModelVersionsAreAccepted(String version) {
        // When
        String required = ModelVersions.require(version);

        // Then
        assertThat(required).isEqualTo(version);
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {
                "-a",
                "A",
                "a_b",
                "a.b",
                "a/b",
                "..",
                "ä",
                "a ",
                "a\n",
                "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
            })
    void otherModelVersionsAreRefused(String version) {
        // When / Then
        assertThat(ModelVersions.isValid(version)).isFalse();
        assertThatThrownBy(() -> ModelVersions.require(version))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + version + "'");
    }

    @Test
    void everyLevelHasItsLetter() {
        // Given
        List<Integer> codes = List.of(151, 51, 56, 210);

        // When
        List<String> tokens = SemanticIds.tokens(codes);

        // Then
        assertThat(tokens).containsExactly("<a_151>", "<b_51>", "<c_56>", "<d_210>");
        assertThat(SemanticIds.token(25, 0)).isEqualTo("<z_0>");
    }

    @Test
    void tokensOutsideTheVocabularyAreRefused() {
        // Given
        List<Integer> tooLong = Collections.nCopies(27, 0);

        // When / Then
        assertThatThrownBy(() -> SemanticIds.tokens(tooLong)).hasMessage("level is 26, expected 0 to 25");
        assertThatThrownBy(() -> SemanticIds.token(-1, 0)).hasMessage("level is -1, expected 0 to 25");
        assertThatThrownBy(() -> SemanticIds.token(0, -1)).hasMessage("code is -1, expected at least 0");
    }

    @Test
    void recordsCarryTheAttributesOfCloudEvents() {
        // Given
        TrainingRequest request = TrainingRequest.fromSnapshot(Map.of("epochs", 5), "test");

        // When
        ProducerRecord<byte[], byte[]> record = CloudEvents.record("training-requests", "r-1", request, "/residua/x");

        // Then
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), UTF_8));
        }
        assertThat(UUID.fromString(headers.remove("ce_id")).version()).isEqualTo(4);
        assertThat(headers)
                .containsOnly(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_type", "io.residua.training-request"),
                        Map.entry("ce_source", "/residua/x"),
                        Map.entry("content-type", "application/json"));
        assertThat(record.topic()).isEqualTo("training-requests");
        assertThat(record.key()).isEqualTo("r-1".getBytes(UTF_8));
        assertThat(Json.read(record.value(), TrainingRequest.class)).isEqualTo(request);
        assertThat(record.partition()).isNull();
    }

    @Test
    void typesAreNamedForTheirRecords() {
        // When
        List<String> types =
                EventSamples.stored().values().stream().map(CloudEvents::typeOf).toList();

        // Then
        assertThat(types)
                .containsExactly(
                        "io.residua.item-code",
                        "io.residua.training-request",
                        "io.residua.training-event",
                        "io.residua.model-manifest",
                        "io.residua.model-published",
                        "io.residua.index-status",
                        "io.residua.index-metrics");
    }

    @Test
    void onlyAcceptedAndProgressAreFollowedByMore() {
        // When
        List<TrainingEvent.Type> followed = List.of(TrainingEvent.Type.values()).stream()
                .filter(type -> !type.terminal())
                .toList();

        // Then
        assertThat(followed).containsExactly(TrainingEvent.Type.ACCEPTED, TrainingEvent.Type.PROGRESS);
    }
}
