package io.residua.indexer.assign;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.residua.common.event.CloudEvents;
import io.residua.common.event.ItemCode;
import io.residua.common.event.SemanticIds;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.SourcePosition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Makes the records of the codes topic: the JSON form of {@link ItemCode}, written without making one, since this runs
 * for every item. One instance serves one thread.
 */
final class ItemCodeRecords {
    private static final String SOURCE = "/residua/indexer";
    private static final String TYPE = "io.residua.item-code";
    private static final JsonFactory JSON = new JsonFactory();

    private final String modelVersion;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);

    ItemCodeRecords(String modelVersion) {
        this.modelVersion = modelVersion;
    }

    /** The record that publishes a granted code. */
    Record<byte[], Object> code(byte[] itemId, Grant grant, long now) {
        buffer.reset();
        try (JsonGenerator json = JSON.createGenerator(buffer)) {
            write(json, itemId, grant, now);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Record<>(itemId, buffer.toByteArray(), now, headers(grant.position(), grant.claim()));
    }

    /** The record that removes a deleted item's code. */
    Record<byte[], Object> tombstone(byte[] itemId, SourcePosition position, long now) {
        return new Record<>(itemId, null, now, headers(position, 0));
    }

    private void write(JsonGenerator json, byte[] itemId, Grant grant, long now) throws IOException {
        SourcePosition position = grant.position();
        json.writeStartObject();
        json.writeStringField("itemId", new String(itemId, UTF_8));
        json.writeStringField("modelVersion", modelVersion);
        writeCodes(json, "codes", grant.codes());
        json.writeArrayFieldStart("tokens");
        for (int level = 0; level < grant.codes().length; level++) {
            json.writeString(SemanticIds.token(level, grant.codes()[level]));
        }
        json.writeEndArray();
        writeCodes(json, "nearestCodes", grant.nearestCodes());
        json.writeNumberField("claim", grant.claim());
        json.writeStringField("resolution", grant.resolution().name().toLowerCase(Locale.ROOT));
        json.writeNumberField("quantisationError", grant.quantisationError());
        json.writeNumberField("nearestError", grant.nearestError());
        json.writeNumberField("embeddingNorm", grant.norm());
        json.writeNumberField("sourcePartition", position.partition());
        json.writeNumberField("sourceOffset", position.offset());
        json.writeStringField(
                "sourceTimestamp", Instant.ofEpochMilli(position.timestamp()).toString());
        json.writeStringField("time", Instant.ofEpochMilli(now).toString());
        json.writeEndObject();
    }

    private static void writeCodes(JsonGenerator json, String name, int[] codes) throws IOException {
        json.writeFieldName(name);
        json.writeArray(codes, 0, codes.length);
    }

    /** The source record and the claim tell the events of a model version apart. */
    private Headers headers(SourcePosition position, long claim) {
        String id = modelVersion + '-' + position.partition() + '-' + position.offset() + '-' + claim;
        return CloudEvents.headers(TYPE, SOURCE, CloudEvents.JSON, id.getBytes(US_ASCII));
    }
}
