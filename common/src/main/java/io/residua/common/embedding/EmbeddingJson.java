package io.residua.common.embedding;

import static io.residua.common.embedding.InvalidEmbeddingException.BAD_JSON;
import static io.residua.common.embedding.InvalidEmbeddingException.WRONG_DIMENSION;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.residua.common.event.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;

/** The JSON form of an embedding, read and written token by token: no tree, no boxed numbers. */
final class EmbeddingJson {
    private static final String VECTOR = "vector";
    private static final String EXPECTED = ", expected {\"vector\":[…]}";
    // NaN and Infinity are not valid JSON, but some writers produce them. Reading them allows the reason not-finite.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private EmbeddingJson() {}

    static void decode(byte[] value, int dim, FloatBuffer target) throws InvalidEmbeddingException {
        try (JsonParser parser = JSON.createParser(value)) {
            require(parser.nextToken() == JsonToken.START_OBJECT, "value is not a JSON object");
            boolean found = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean vector = VECTOR.equals(parser.currentName());
                JsonToken token = parser.nextToken();
                if (!vector) {
                    parser.skipChildren();
                    continue;
                }
                require(!found, "member \"vector\" is there twice");
                require(token == JsonToken.START_ARRAY, "member \"vector\" is not an array");
                readVector(parser, dim, target);
                found = true;
            }
            require(found, "member \"vector\" is missing");
            require(parser.nextToken() == null, "something follows the JSON object");
            target.position(target.position() + dim);
        } catch (JsonProcessingException e) {
            throw new InvalidEmbeddingException(
                    BAD_JSON, "value of " + value.length + " bytes is not valid JSON: " + Json.reason(e) + EXPECTED, e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }

    private static void readVector(JsonParser parser, int dim, FloatBuffer target)
            throws IOException, InvalidEmbeddingException {
        int position = target.position();
        int elements = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
                throw new InvalidEmbeddingException(
                        BAD_JSON, "element " + elements + " of \"vector\" is not a number" + EXPECTED);
            }
            if (elements < dim) {
                float element = parser.getFloatValue();
                if (!Float.isFinite(element)) {
                    throw EmbeddingFormat.notFinite(elements, element);
                }
                target.put(position + elements, element);
            }
            elements++;
        }
        if (elements != dim) {
            throw new InvalidEmbeddingException(
                    WRONG_DIMENSION, "\"vector\" has " + elements + " elements, expected " + dim);
        }
    }

    static byte[] encode(float[] vector) {
        ByteArrayOutputStream value = new ByteArrayOutputStream(16 + 14 * vector.length);
        try (JsonGenerator generator = JSON.createGenerator(value)) {
            generator.writeStartObject();
            generator.writeArrayFieldStart(VECTOR);
            for (int i = 0; i < vector.length; i++) {
                if (!Float.isFinite(vector[i])) {
                    throw new IllegalArgumentException(
                            "element " + i + " is " + vector[i] + ", expected a finite number");
                }
                generator.writeNumber(vector[i]);
            }
            generator.writeEndArray();
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return value.toByteArray();
    }

    private static void require(boolean condition, String otherwise) throws InvalidEmbeddingException {
        if (!condition) {
            throw new InvalidEmbeddingException(BAD_JSON, otherwise + EXPECTED);
        }
    }
}
