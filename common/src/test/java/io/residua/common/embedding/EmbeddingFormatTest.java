package io.residua.common.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingFormatTest {
    private static final Headers NONE = new RecordHeaders();
    private static final Headers JSON = contentType("application/json");
    private static final Headers RAW = contentType("application/octet-stream");

    @Test
    void rawVectorIsDecodedBitForBit() throws Exception {
        // Given
        float[] vector = randomBits(384, 1);
        FloatBuffer target = FloatBuffer.allocate(384);

        // When
        EmbeddingFormat.decode(EmbeddingFormat.encodeRaw(vector), RAW, 384, target);

        // Then
        assertThat(target.array()).containsExactly(vector);
    }

    @Test
    void rawBytesAreLittleEndian() {
        // Given
        float[] vector = {1f, -2.5f};

        // When
        byte[] value = EmbeddingFormat.encodeRaw(vector);

        // Then
        assertThat(value).containsExactly(0, 0, (byte) 0x80, 0x3f, 0, 0, 0x20, (byte) 0xc0);
    }

    @Test
    void jsonVectorSurvivesTheRoundTripBitForBit() throws Exception {
        // Given
        float[] vector = randomBits(1000, 2);
        FloatBuffer target = FloatBuffer.allocate(1000);

        // When
        EmbeddingFormat.decode(EmbeddingFormat.encodeJson(vector), JSON, 1000, target);

        // Then
        assertThat(target.array()).containsExactly(vector);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void vectorsAreWrittenOneBehindTheOther(boolean bigEndian) throws Exception {
        // Given
        ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        FloatBuffer target =
                ByteBuffer.allocateDirect(5 * Float.BYTES).order(order).asFloatBuffer();
        target.position(1);

        // When
        EmbeddingFormat.decode(EmbeddingFormat.encodeRaw(new float[] {1, 2}), RAW, 2, target);
        EmbeddingFormat.decode(EmbeddingFormat.encodeJson(new float[] {3, 4}), JSON, 2, target);

        // Then
        assertThat(target.position()).isEqualTo(5);
        float[] all = new float[5];
        target.get(0, all);
        assertThat(all).containsExactly(0, 1, 2, 3, 4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"vector\":[1,2]}",
                " {\"vector\" : [ 1.0e0 , 0.2E+1 ] }\n",
                "{\"id\":7,\"more\":{\"vector\":[9]},\"vector\":[1,2],\"tags\":[[\"x\"]]}"
            })
    void jsonMayHaveWhiteSpaceAndOtherMembers(String json) throws Exception {
        // Given
        FloatBuffer target = FloatBuffer.allocate(2);

        // When
        EmbeddingFormat.decode(json.getBytes(UTF_8), NONE, 2, target);

        // Then
        assertThat(target.array()).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json; charset=utf-8", "Application/JSON", " application/json ;charset=UTF-8"})
    void contentTypeMayHaveParametersAndAnyCase(String contentType) throws Exception {
        // Given
        FloatBuffer target = FloatBuffer.allocate(1);

        // When
        EmbeddingFormat.decode("{\"vector\":[5]}".getBytes(UTF_8), contentType(contentType), 1, target);

        // Then
        assertThat(target.get(0)).isEqualTo(5);
    }

    @Test
    void withoutContentTypeAValueOfTheRawLengthIsRaw() throws Exception {
        // Given
        byte[] value = EmbeddingFormat.encodeRaw(new float[] {Float.intBitsToFloat(0x3f00_007b), 7});
        assertThat(value[0]).isEqualTo((byte) '{');
        FloatBuffer target = FloatBuffer.allocate(2);

        // When
        EmbeddingFormat.decode(value, NONE, 2, target);

        // Then
        assertThat(target.get(1)).isEqualTo(7);
    }

    @Test
    void withoutContentTypeJsonOfTheRawLengthIsJson() throws Exception {
        // Given
        byte[] value = "{\"vector\":[1,2,3,4]}".getBytes(UTF_8);
        byte[] padded = "{\"vector\":[1,2,3,4,5]} \n".getBytes(UTF_8);
        FloatBuffer target = FloatBuffer.allocate(5);

        // When
        InvalidEmbeddingException asFive = refusal(value, NONE, 5);
        EmbeddingFormat.decode(padded, NONE, 5, target);

        // Then
        assertThat(value).hasSize(4 * 5);
        assertThat(asFive).hasMessage("\"vector\" has 4 elements, expected 5");
        assertThat(target.array()).containsExactly(1, 2, 3, 4, 5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"vector\":[1]}         | wrong-dimension | \"vector\" has 1 elements, expected 2",
                "{\"vector\":[]}          | wrong-dimension | \"vector\" has 0 elements, expected 2",
                "{\"vector\":[1,2,3]}     | wrong-dimension | \"vector\" has 3 elements, expected 2",
                "{\"vector\":[1,NaN]}     | not-finite      | element 1 is NaN",
                "{\"vector\":[-Infinity,1]} | not-finite    | element 0 is -Infinity",
                "{\"vector\":[1e39,1]}    | not-finite      | element 0 is Infinity",
                "{\"vector\":[1,\"2\"]}   | bad-json        | element 1 of \"vector\" is not a number",
                "{\"vector\":[1,null]}    | bad-json        | element 1 of \"vector\" is not a number",
                "{\"vector\":[1,2}        | bad-json        | not valid JSON",
                "{\"vector\":[1,2]        | bad-json        | not valid JSON",
                "{\"vector\":[1,2]} x     | bad-json        | not valid JSON",
                "{\"vector\":[1,2]}{}     | bad-json        | something follows",
                "{\"vector\":[1,2],\"vector\":[1,2]} | bad-json | there twice",
                "{\"vector\":1}           | bad-json        | not an array",
                "{\"values\":[1,2]}       | bad-json        | \"vector\" is missing",
                "[1,2]                    | bad-json        | not a JSON object",
                "''                       | bad-json        | not a JSON object",
                "hello                    | bad-json        | not valid JSON"
            })
    void refusedJsonSaysWhatIsWrong(String json, String reason, String message) {
        // Given
        byte[] value = json.getBytes(UTF_8);

        // When
        InvalidEmbeddingException refusal = refusal(value, NONE, 2);

        // Then
        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal).hasMessageContaining(message).hasMessageContaining("expected");
    }

    @Test
    void truncatedJsonOfAnyLengthIsRefused() {
        // Given
        byte[] value = EmbeddingFormat.encodeJson(randomBits(8, 3));

        for (int length = 0; length < value.length; length++) {
            // When
            InvalidEmbeddingException refusal = refusal(Arrays.copyOf(value, length), JSON, 8);

            // Then
            assertThat(refusal.reason()).isEqualTo("bad-json");
        }
    }

    @Test
    void rawVectorOfAnotherLengthIsRefused() {
        // Given
        byte[] value = new byte[9];

        // When
        InvalidEmbeddingException refusal = refusal(value, RAW, 2);

        // Then
        assertThat(refusal.reason()).isEqualTo("wrong-dimension");
        assertThat(refusal).hasMessage("raw vector has 9 bytes, expected 8 (4 for each of 2 elements)");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void rawVectorThatIsNotFiniteIsRefusedAndLeavesTheTargetAlone(float bad) {
        // Given
        byte[] value = EmbeddingFormat.encodeRaw(new float[] {1, 2, bad});
        FloatBuffer target = FloatBuffer.allocate(3);

        // When
        InvalidEmbeddingException refusal = catchThrowableOfType(
                InvalidEmbeddingException.class, () -> EmbeddingFormat.decode(value, RAW, 3, target));

        // Then
        assertThat(refusal.reason()).isEqualTo("not-finite");
        assertThat(refusal).hasMessageContaining("element 2 is " + bad);
        assertThat(target.position()).isZero();
        assertThat(target.array()).containsExactly(0, 0, 0);
    }

    @Test
    void unknownContentTypeIsRefused() {
        // Given
        Headers headers = contentType("text/plain");

        // When
        InvalidEmbeddingException refusal = refusal(new byte[8], headers, 2);

        // Then
        assertThat(refusal.reason()).isEqualTo("unknown-content-type");
        assertThat(refusal)
                .hasMessage("content-type is 'text/plain', expected application/json or application/octet-stream");
    }

    @Test
    void jsonHasNoPlaceForNotANumber() {
        // Given
        float[] vector = {1, Float.NaN};

        // When / Then
        assertThatThrownBy(() -> EmbeddingFormat.encodeJson(vector))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("element 1 is NaN");
    }

    private static InvalidEmbeddingException refusal(byte[] value, Headers headers, int dim) {
        FloatBuffer target = FloatBuffer.allocate(dim);
        InvalidEmbeddingException refusal = catchThrowableOfType(
                InvalidEmbeddingException.class, () -> EmbeddingFormat.decode(value, headers, dim, target));
        assertThat(refusal).as("refusal").isNotNull();
        assertThat(target.position()).isZero();
        return refusal;
    }

    private static Headers contentType(String value) {
        return new RecordHeaders().add("content-type", value.getBytes(UTF_8));
    }

    /** Finite floats of all magnitudes. */
    private static float[] randomBits(int n, long seed) {
        Random random = new Random(seed);
        float[] floats = new float[n];
        for (int i = 0; i < n; i++) {
            float x = Float.intBitsToFloat(random.nextInt());
            floats[i] = Float.isFinite(x) ? x : 0.1f;
        }
        return floats;
    }
}
