package io.residua.common.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * CloudEvents 1.0 attributes in the binary mode of its Kafka binding: as {@code ce_*} headers, beside
 * {@code content-type}. Residua writes them on every record and does not require them.
 */
public final class CloudEvents {
    /** Media type of all values except raw embeddings. */
    public static final String JSON = "application/json";
    /** Media type of raw little-endian float32 embeddings. */
    public static final String OCTET_STREAM = "application/octet-stream";
    /** Header that names the value's media type. */
    public static final String CONTENT_TYPE = "content-type";

    private static final Pattern WORD_START = Pattern.compile("(?<=[a-z])(?=[A-Z])");
    private static final byte[] SPEC_VERSION = "1.0".getBytes(UTF_8);

    private CloudEvents() {}

    /**
     * The headers of a new event.
     *
     * @param type {@code ce_type}, for example {@code io.residua.item-code}
     * @param source {@code ce_source}, for example {@code /residua/indexer}
     * @param contentType media type of the value
     */
    public static Headers headers(String type, String source, String contentType) {
        return headers(type, source, contentType, UUID.randomUUID().toString().getBytes(UTF_8));
    }

    /**
     * The headers of an event that has an id of its own.
     *
     * @param id {@code ce_id}, UTF-8; no other event of {@code source} has it
     */
    public static Headers headers(String type, String source, String contentType, byte[] id) {
        return new RecordHeaders()
                .add("ce_specversion", SPEC_VERSION)
                .add("ce_id", id)
                .add("ce_type", type.getBytes(UTF_8))
                .add("ce_source", source.getBytes(UTF_8))
                .add(CONTENT_TYPE, contentType.getBytes(UTF_8));
    }

    /** A record that carries {@code event} as JSON, with the headers of its type. */
    public static ProducerRecord<byte[], byte[]> record(String topic, String key, Object event, String source) {
        Headers headers = headers(typeOf(event), source, JSON);
        return new ProducerRecord<>(topic, null, key.getBytes(UTF_8), Json.write(event), headers);
    }

    /** {@code ce_type} of an event record: {@code io.residua.} and its class name in kebab case. */
    public static String typeOf(Object event) {
        String name = event.getClass().getSimpleName();
        return "io.residua." + WORD_START.matcher(name).replaceAll("-").toLowerCase(Locale.ROOT);
    }
}
