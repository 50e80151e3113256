package io.residua.common.embedding;

import static io.residua.common.embedding.InvalidEmbeddingException.NOT_FINITE;
import static io.residua.common.embedding.InvalidEmbeddingException.UNKNOWN_CONTENT_TYPE;
import static io.residua.common.embedding.InvalidEmbeddingException.WRONG_DIMENSION;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Locale;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * The values of {@code item-embeddings}. Their {@code content-type} header says which form they have; its parameters
 * ({@code ; charset=utf-8}) and case do not matter:
 *
 * <ul>
 *   <li>{@code application/octet-stream}: the vector as little-endian float32, {@code 4·dim} bytes;
 *   <li>{@code application/json}: <code>{"vector":[0.12, …]}</code> of {@code dim} numbers; other members are ignored.
 * </ul>
 *
 * <p>A record without that header is raw if it has exactly {@code 4·dim} bytes and does not look like a JSON object;
 * otherwise it is JSON. It looks like a JSON object if, apart from white space, it begins with an opening brace and
 * ends with a closing brace. A raw vector with such bytes has a last element of a magnitude above 10³⁷ or below 10⁻¹⁸.
 */
public final class EmbeddingFormat {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int EXPONENT = 0x7f80_0000;

    private EmbeddingFormat() {}

    /**
     * Decodes a vector into {@code target} at its position and advances the position by {@code dim}. On an exception
     * the position is unchanged and the content behind it is undefined.
     *
     * @param value the record's value, not {@code null} (that deletes the item)
     * @param headers the record's headers
     * @param dim number of elements it must have
     * @param target a buffer of either byte order with at least {@code dim} elements remaining
     * @throws InvalidEmbeddingException if the value is not a vector of {@code dim} finite float32 numbers
     */
    public static void decode(byte[] value, Headers headers, int dim, FloatBuffer target)
            throws InvalidEmbeddingException {
        if (isJson(value, headers, dim)) {
            EmbeddingJson.decode(value, dim, target);
        } else {
            decodeRaw(value, dim, target);
        }
    }

    /** The vector as raw little-endian float32, {@code 4·vector.length} bytes. */
    public static byte[] encodeRaw(float[] vector) {
        byte[] value = new byte[Math.multiplyExact(Float.BYTES, vector.length)];
        ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(vector);
        return value;
    }

    /**
     * The vector as JSON that decodes to the same float32 numbers.
     *
     * @throws IllegalArgumentException if an element is not finite: JSON has no such numbers
     */
    public static byte[] encodeJson(float[] vector) {
        return EmbeddingJson.encode(vector);
    }

    private static boolean isJson(byte[] value, Headers headers, int dim) throws InvalidEmbeddingException {
        Header header = headers.lastHeader(CloudEvents.CONTENT_TYPE);
        if (header == null || header.value() == null) {
            return value.length != (long) Float.BYTES * dim || looksLikeJson(value);
        }
        String contentType = new String(header.value(), UTF_8);
        int parameters = contentType.indexOf(';');
        String mediaType = parameters < 0 ? contentType : contentType.substring(0, parameters);
        return switch (mediaType.strip().toLowerCase(Locale.ROOT)) {
            case CloudEvents.JSON -> true;
            case CloudEvents.OCTET_STREAM -> false;
            default ->
                throw new InvalidEmbeddingException(
                        UNKNOWN_CONTENT_TYPE,
                        "content-type is '" + contentType + "', expected " + CloudEvents.JSON + " or "
                                + CloudEvents.OCTET_STREAM);
        };
    }

    private static boolean looksLikeJson(byte[] value) {
        int first = 0;
        int last = value.length - 1;
        while (first < last && isWhiteSpace(value[first])) {
            first++;
        }
        while (last > first && isWhiteSpace(value[last])) {
            last--;
        }
        return first < last && value[first] == '{' && value[last] == '}';
    }

    private static boolean isWhiteSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static void decodeRaw(byte[] value, int dim, FloatBuffer target) throws InvalidEmbeddingException {
        if (value.length != (long) Float.BYTES * dim) {
            throw new InvalidEmbeddingException(
                    WRONG_DIMENSION,
                    "raw vector has " + value.length + " bytes, expected " + (long) Float.BYTES * dim
                            + " (4 for each of " + dim + " elements)");
        }
        requireFinite(value);
        target.put(ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
    }

    private static void requireFinite(byte[] value) throws InvalidEmbeddingException {
        for (int at = 0; at < value.length; at += Float.BYTES) {
            int bits = (int) INT.get(value, at);
            if ((bits & EXPONENT) == EXPONENT) {
                throw notFinite(at / Float.BYTES, Float.intBitsToFloat(bits));
            }
        }
    }

    static InvalidEmbeddingException notFinite(int element, float value) {
        return new InvalidEmbeddingException(
                NOT_FINITE, "element " + element + " is " + value + ", expected a finite float32 number");
    }
}
