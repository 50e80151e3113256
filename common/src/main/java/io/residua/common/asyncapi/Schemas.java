package io.residua.common.asyncapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The JSON schemas of the events, as parts of one document: what they refer to lies in it, too. */
final class Schemas {
    private static final List<String> NAMES = List.of(
            "embedding",
            "index-metrics",
            "index-status",
            "item-code",
            "model-manifest",
            "model-published",
            "training-event",
            "training-request");
    private static final String URN = "urn:residua:schema:";
    private static final ObjectMapper JSON = new ObjectMapper();

    private Schemas() {}

    /** How the document refers to a schema. */
    static String reference(String name) {
        return "#/components/schemas/" + name;
    }

    /** All schemas by name. */
    static ObjectNode all() {
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        NAMES.forEach(name -> all.set(name, schema(name)));
        return all;
    }

    private static JsonNode schema(String name) {
        String resource = "/schemas/" + name + ".schema.json";
        try (InputStream in = Schemas.class.getResourceAsStream(resource)) {
            ObjectNode schema = (ObjectNode) JSON.readTree(in);
            // They would make the schema a document of its own, to which its references relate.
            schema.remove(List.of("$id", "$schema"));
            redirect(schema, name);
            return schema;
        } catch (IOException e) {
            throw new UncheckedIOException(resource + " cannot be read", e);
        }
    }

    private static void redirect(JsonNode node, String name) {
        JsonNode reference = node.get("$ref");
        if (reference != null && reference.isTextual()) {
            String target = reference.asText();
            ((ObjectNode) node)
                    .put(
                            "$ref",
                            target.startsWith(URN)
                                    ? reference(target.substring(URN.length()))
                                    : reference(name) + target.substring(1));
        }
        node.forEach(child -> redirect(child, name));
    }
}
