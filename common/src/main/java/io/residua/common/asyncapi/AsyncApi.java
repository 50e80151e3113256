package io.residua.common.asyncapi;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.residua.common.topic.TopicsConfig;
import java.util.List;

/** Describes the topics as an AsyncAPI 3.0 document: a channel per topic, with the JSON schemas of what is in it. */
public final class AsyncApi {
    private static final String SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12";
    private static final String CLOUD_EVENT = "#/components/messageTraits/CloudEvent";

    private AsyncApi() {}

    /** The document for topics that are named as {@code topics} says. */
    public static ObjectNode document(TopicsConfig topics) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("asyncapi", "3.0.0");
        document.putObject("info")
                .put("title", "Residua")
                .put("version", "1")
                .put("description", "Turns item embeddings into semantic IDs, as a stream.");
        document.put("defaultContentType", "application/json");
        ObjectNode channels = document.putObject("channels");
        ObjectNode operations = document.putObject("operations");
        ObjectNode components = document.putObject("components");
        ObjectNode messages = components.putObject("messages");
        for (Channel channel : Channel.of(topics)) {
            channels.set(channel.name(), describe(channel));
            operations.set(channel.operation(), operation(channel));
            messages.set(channel.message(), message(channel));
        }
        components.putObject("messageTraits").set("CloudEvent", cloudEvent());
        components.set("schemas", Schemas.all());
        return document;
    }

    private static ObjectNode describe(Channel channel) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("address", channel.address()).put("description", channel.description());
        node.putObject("messages")
                .putObject(channel.message())
                .put("$ref", "#/components/messages/" + channel.message());
        if (channel.address().contains(Channel.VERSION_PARAMETER)) {
            node.putObject("parameters").putObject("modelVersion").put("description", "The model version.");
        }
        return node;
    }

    private static ObjectNode operation(Channel channel) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("action", channel.received() ? "receive" : "send");
        node.putObject("channel").put("$ref", "#/channels/" + channel.name());
        node.putArray("messages")
                .addObject()
                .put("$ref", "#/channels/" + channel.name() + "/messages/" + channel.message());
        return node;
    }

    private static ObjectNode message(Channel channel) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", channel.message()).put("summary", channel.description());
        node.putArray("traits").addObject().put("$ref", CLOUD_EVENT);
        node.putObject("bindings")
                .putObject("kafka")
                .putObject("key")
                .put("type", "string")
                .put("description", channel.key());
        channel.schema().ifPresent(schema -> node.putObject("payload")
                .put("schemaFormat", SCHEMA_FORMAT)
                .putObject("schema")
                .put("$ref", Schemas.reference(schema)));
        return node;
    }

    private static ObjectNode cloudEvent() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode headers = node.putObject("headers").put("type", "object");
        headers.put("description", "CloudEvents 1.0 in binary mode; records without these headers are accepted.");
        ObjectNode properties = headers.putObject("properties");
        for (String name : List.of("ce_specversion", "ce_id", "ce_type", "ce_source", "content-type")) {
            properties.putObject(name).put("type", "string");
        }
        ((ObjectNode) properties.get("ce_specversion")).put("const", "1.0");
        return node;
    }
}
