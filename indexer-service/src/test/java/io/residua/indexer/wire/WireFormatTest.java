package io.residua.indexer.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.ItemState.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every wire format reads what it wrote, and what an earlier release wrote. */
class WireFormatTest {
    private static final SourcePosition POSITION = new SourcePosition(3, 1L << 40, 1_700_000_000_123L);
    private static final int[] CODES = {0, 255, 65_535};
    private static final float[] Z = {-1.5f, 0, 3.25e-30f, Float.MAX_VALUE};
    private static final byte[] ITEM = "größe-42".getBytes(StandardCharsets.UTF_8);

    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("latent-encoded", new LatentV1(), new Latent.Encoded(POSITION, -7L, 2.5, CODES, Z)),
                Arguments.of("latent-deleted", new LatentV1(), new Latent.Deleted(POSITION)),
                Arguments.of("request", new PrefixCommandV1(), new PrefixCommand.Request(ITEM, 9, CODES, Z)),
                Arguments.of("release", new PrefixCommandV1(), new PrefixCommand.Release(CODES, 77)),
                Arguments.of(
                        "grant", new AnswerV1(), new Answer.Grant(9, CODES, 77, Resolution.SINKHORN, 0.125, 1.0 / 3)),
                Arguments.of("full", new AnswerV1(), new Answer.Full(9)),
                Arguments.of(
                        "item-state",
                        new ItemStateV1(),
                        new ItemState(POSITION, Status.PENDING, -7L, 2.5, CODES, 9, new int[] {1, 2, 3}, 76)),
                Arguments.of("place", new PlaceV1(), new Place(ITEM, 77)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    <T> void readsWhatItWrote(String name, WireFormat<T> format, T value) {
        // When
        T read = format.fromBytes(format.toBytes(value));

        // Then
        assertThat(read).usingRecursiveComparison().isEqualTo(value);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    <T> void readsWhatTheFirstReleaseWrote(String name, WireFormat<T> format, T value) throws IOException {
        // Given
        byte[] stored = fixture(name);

        // When
        T read = format.fromBytes(stored);

        // Then
        assertThat(read).usingRecursiveComparison().isEqualTo(value);
        assertThat(format.toBytes(value)).isEqualTo(stored);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("values")
    <T> void refusesUnknownVersionsAndOtherLengths(String name, WireFormat<T> format, T value) {
        // Given
        byte[] bytes = format.toBytes(value);
        byte[] newer = bytes.clone();
        newer[0] = 2;

        // Then
        assertThatThrownBy(() -> format.fromBytes(newer))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("format version 2, expected 1");
        assertThatThrownBy(() -> format.fromBytes(Arrays.copyOf(bytes, 7))).isInstanceOf(SerializationException.class);
        assertThatThrownBy(() -> format.fromBytes(new byte[0])).isInstanceOf(SerializationException.class);
    }

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = WireFormatTest.class.getResourceAsStream("/wire/" + name + "-v1.hex")) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
