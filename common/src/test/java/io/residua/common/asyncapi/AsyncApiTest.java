package io.residua.common.asyncapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residua.common.topic.TopicsConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AsyncApiTest {
    private static final Path SCHEMAS = Path.of("src/main/resources/schemas");

    private final TopicsConfig topics = topics();
    private final ObjectNode document = AsyncApi.document(topics);

    @Test
    void everyTopicIsAChannelWithAnOperation() throws Exception {
        // Given
        Set<String> names = new TreeSet<>(topicNames());

        // When
        Set<String> addresses = new TreeSet<>();
        document.get("channels")
                .forEach(channel -> addresses.add(channel.get("address").asText()));
        Set<String> used = new TreeSet<>();
        document.get("operations")
                .forEach(operation -> used.add(
                        document.at(operation.at("/channel/$ref").asText().substring(1))
                                .get("address")
                                .asText()));

        // Then
        assertThat(addresses).isEqualTo(names).contains("renamed-embeddings", "item-codes-{modelVersion}");
        assertThat(used).isEqualTo(names);
    }

    @Test
    void everySchemaIsAComponentThatAMessageLeadsTo() throws IOException {
        // Given
        List<String> files;
        try (Stream<Path> all = Files.list(SCHEMAS)) {
            files = all.map(path -> path.getFileName().toString().replace(".schema.json", ""))
                    .sorted()
                    .toList();
        }

        // When
        List<String> components = new ArrayList<>();
        document.at("/components/schemas").fieldNames().forEachRemaining(components::add);

        // Then
        assertThat(components).containsExactlyElementsOf(files);
        for (String name : files) {
            assertThat(document.toString()).contains("\"$ref\":\"#/components/schemas/" + name + "\"");
        }
    }

    @Test
    void everyReferenceLeadsToSomethingInTheDocument() {
        // When
        List<String> references = document.findValuesAsText("$ref");

        // Then
        assertThat(references).hasSizeGreaterThan(30).allSatisfy(reference -> {
            assertThat(reference).startsWith("#/");
            assertThat(document.at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse();
        });
        assertThat(document.findValues("$id")).isEmpty();
    }

    @Test
    void documentHasWhatVersionThreeRequires() {
        // When
        JsonNode info = document.get("info");

        // Then
        assertThat(document.get("asyncapi").asText()).isEqualTo("3.0.0");
        assertThat(info.hasNonNull("title") && info.hasNonNull("version")).isTrue();
        document.get("operations")
                .forEach(operation ->
                        assertThat(operation.get("action").asText()).isIn("send", "receive"));
    }

    /** The names that the configuration has: what its methods return as text. */
    private List<String> topicNames() throws InvocationTargetException, IllegalAccessException {
        List<String> names = new ArrayList<>();
        for (Method method : Arrays.asList(TopicsConfig.class.getMethods())) {
            if (method.getReturnType() == String.class && method.getParameterCount() == 0) {
                boolean family = method.getName().equals("itemCodes");
                names.add(family ? topics.itemCodes("{modelVersion}") : (String) method.invoke(topics));
            }
        }
        return names;
    }

    private static TopicsConfig topics() {
        return new SmallRyeConfigBuilder()
                .withMapping(TopicsConfig.class)
                .withSources(new PropertiesConfigSource(
                        Map.of("residua.topics.item-embeddings", "renamed-embeddings"), "test", 100))
                .build()
                .getConfigMapping(TopicsConfig.class);
    }
}
