package io.residua.common.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.residua.common.embedding.EmbeddingFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas that others write and read by, against the events as we write and read them. */
class EventSchemasTest {
    private static final ObjectMapper TREE = new ObjectMapper();
    private static final List<String> SCHEMAS = List.of(
            "embedding",
            "item-code",
            "training-request",
            "training-event",
            "model-manifest",
            "model-published",
            "index-status",
            "index-metrics");
    private static final JsonSchemaFactory FACTORY = factory();

    static List<Map.Entry<String, Object>> events() {
        List<Map.Entry<String, Object>> all = new ArrayList<>(EventSamples.others());
        EventSamples.stored().forEach((name, event) -> all.add(Map.entry(name, event)));
        return all;
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyEventSurvivesTheRoundTripAndIsValid(Map.Entry<String, Object> sample) {
        // Given
        Object event = sample.getValue();

        // When
        byte[] json = Json.write(event);
        byte[] pretty = Json.writePretty(event);

        // Then
        assertThat(validate(sample.getKey(), new String(json, UTF_8))).isEmpty();
        assertThat((Object) Json.read(json, event.getClass())).isEqualTo(event);
        assertThat((Object) Json.read(pretty, event.getClass())).isEqualTo(event);
    }

    @Test
    void statusOfAnEarlierReleaseStaysReadable() throws IOException {
        // Given
        byte[] json = Files.readAllBytes(Path.of("src/test/resources/events/index-status-without-identity.json"));

        // When
        IndexStatus read = Json.read(json, IndexStatus.class);

        // Then
        assertThat(read.done()).isEqualTo(100);
        assertThat(read.identity()).isNull();
        assertThat(read.isPinned()).isFalse();
        assertThat(validate("index-status", new String(json, UTF_8))).isEmpty();
    }

    static Stream<String> stored() {
        return EventSamples.stored().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("stored")
    void storedEventsStayReadable(String name) throws IOException {
        // Given
        Object expected = EventSamples.stored().get(name);
        byte[] json = Files.readAllBytes(Path.of("src/test/resources/events", name + ".json"));

        // When
        Object read = Json.read(json, expected.getClass());

        // Then
        assertThat(read).isEqualTo(expected);
        assertThat(validate(name, new String(json, UTF_8))).isEmpty();
        assertThat(TREE.readTree(Json.write(expected))).isEqualTo(TREE.readTree(json));
    }

    @ParameterizedTest
    @MethodSource("stored")
    void schemasDescribeExactlyTheMembersOfTheRecords(String name) {
        // Given
        List<String> components = Arrays.stream(
                        EventSamples.stored().get(name).getClass().getRecordComponents())
                .map(RecordComponent::getName)
                .toList();

        // When
        JsonNode schema = tree(schemaText(name));

        // Then
        assertThat(schema.get("properties").fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(components);
    }

    @ParameterizedTest
    @MethodSource("stored")
    void eventWithoutARequiredMemberIsRefusedBySchemaAndReader(String name) {
        // Given
        Object event = EventSamples.stored().get(name);
        for (JsonNode required : tree(schemaText(name)).get("required")) {
            ObjectNode wrong = (ObjectNode) tree(new String(Json.write(event), UTF_8));
            wrong.remove(required.asText());

            // When
            Set<ValidationMessage> messages = validate(name, wrong.toString());

            // Then
            assertThat(messages).as("without %s", required).isNotEmpty();
            assertThatThrownBy(() -> Json.read(wrong.toString().getBytes(UTF_8), event.getClass()))
                    .as("without %s", required)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("not a valid " + event.getClass().getSimpleName());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "item-code        | /codes             | []",
                "item-code        | /codes             | [1,-2,3]",
                "item-code        | /claim             | -1",
                "item-code        | /claim             | \"x\"",
                "item-code        | /resolution        | \"guessed\"",
                "item-code        | /modelVersion      | \"V1\"",
                "item-code        | /quantisationError | -0.5",
                "item-code        | /time              | \"yesterday\"",
                "training-request | /action            | \"dance\"",
                "training-request | /data              | {\"source\":\"npy\"}",
                "training-request | /data              | {\"source\":\"item-embeddings\",\"path\":\"x\"}",
                "training-request | /parameters        | 5",
                "training-event   | /type              | \"thinking\"",
                "training-event   | /progress          | null",
                "training-event   | /modelVersion      | \"-v\"",
                "model-manifest   | /format            | 2",
                "model-manifest   | /files             | {\"../x\":{\"size\":1,\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}}",
                "model-manifest   | /files             | {\"x\":{\"size\":1,\"sha256\":\"BA\"}}",
                "model-manifest   | /model             | {\"dim\":0,\"layers\":[],\"eDim\":1,\"codebookSizes\":[1]}",
                "model-published  | /manifestSha256    | \"\"",
                "model-published  | /manifest          | {}",
                "index-status     | /state             | \"dancing\"",
                "index-status     | /done              | -1",
                "index-status     | /identity          | {}",
                "index-status     | /items             | {\"coded\":1}",
                "index-metrics    | /rawCollisionRate  | 1.5",
                "index-metrics    | /levels            | [{\"size\":0,\"used\":0,\"utilisation\":0,\"entropy\":0,\"perplexity\":1}]"
            })
    void wrongEventIsRefusedBySchemaAndReader(String name, String member, String value) {
        // Given
        Object event = EventSamples.stored().get(name);
        ObjectNode wrong = (ObjectNode) tree(new String(Json.write(event), UTF_8));
        wrong.set(member.substring(1), tree(value));

        // When
        Set<ValidationMessage> messages = validate(name, wrong.toString());

        // Then
        assertThat(messages).isNotEmpty();
        assertThatThrownBy(() -> Json.read(wrong.toString().getBytes(UTF_8), event.getClass()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not a valid " + event.getClass().getSimpleName());
    }

    @ParameterizedTest
    @MethodSource("stored")
    void membersOfLaterVersionsAreIgnored(String name) {
        // Given
        Object event = EventSamples.stored().get(name);
        ObjectNode later = (ObjectNode) tree(new String(Json.write(event), UTF_8));
        later.put("addedLater", true);

        // When
        Object read = Json.read(later.toString().getBytes(UTF_8), event.getClass());

        // Then
        assertThat(read).isEqualTo(event);
        assertThat(validate(name, later.toString())).isEmpty();
    }

    @Test
    void embeddingsAsWeWriteThemAreValid() {
        // Given
        float[] vector = {0.5f, -Float.MAX_VALUE, Float.MIN_VALUE, -0f};

        // When
        String json = new String(EmbeddingFormat.encodeJson(vector), UTF_8);

        // Then
        assertThat(validate("embedding", json)).isEmpty();
        assertThat(validate("embedding", "{\"vector\":[]}")).isNotEmpty();
        assertThat(validate("embedding", "{\"vector\":[\"1\"]}")).isNotEmpty();
        assertThat(validate("embedding", "{\"vector\":[1e39]}")).isNotEmpty();
        assertThat(validate("embedding", "{}")).isNotEmpty();
    }

    @Test
    void refusedIndexNeedsAReasonToBeValid() {
        // Given
        String building = new String(Json.write(EventSamples.stored().get("index-status")), UTF_8);

        // When
        String refused = building.replace("building", "refused");

        // Then
        assertThat(validate("index-status", refused)).hasSize(1).allSatisfy(message -> assertThat(message.getMessage())
                .contains("reason"));
    }

    @Test
    void whatIsNoJsonSaysWhere() {
        // Given
        byte[] broken = "{\"action\":\n  train}".getBytes(UTF_8);

        // When / Then
        assertThatThrownBy(() -> Json.read(broken, TrainingRequest.class))
                .hasMessageStartingWith("not a valid TrainingRequest: ")
                .hasMessageContaining("line 2");
        assertThatThrownBy(() -> Json.read("null".getBytes(UTF_8), TrainingRequest.class))
                .hasMessage("not a valid TrainingRequest: null");
    }

    private static Set<ValidationMessage> validate(String name, String json) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        JsonSchema schema = FACTORY.getSchema(SchemaLocation.of("urn:residua:schema:" + name), config);
        return schema.validate(json, InputFormat.JSON);
    }

    private static JsonSchemaFactory factory() {
        Map<String, String> schemas = new HashMap<>();
        SCHEMAS.forEach(name -> schemas.put("urn:residua:schema:" + name, schemaText(name)));
        return JsonSchemaFactory.getInstance(
                VersionFlag.V202012, builder -> builder.schemaLoaders(loaders -> loaders.schemas(schemas)));
    }

    private static String schemaText(String name) {
        try (InputStream in = EventSchemasTest.class.getResourceAsStream("/schemas/" + name + ".schema.json")) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode tree(String json) {
        try {
            return TREE.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
