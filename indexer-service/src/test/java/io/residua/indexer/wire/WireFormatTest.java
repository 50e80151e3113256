package io.residua.indexer.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.Resolution;
import io.residua.indexer.wire.ItemCommand.Deleted;
import io.residua.indexer.wire.ItemCommand.Grant;
import io.residua.indexer.wire.ItemCommand.NoFreeCode;
import io.residua.indexer.wire.ItemState.Status;
import io.residua.indexer.wire.PrefixCommand.Release;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import io.residua.indexer.wire.WireFormat.NewerFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
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
                Arguments.of("request-v2", new PrefixCommandV2(), new Request(ITEM, POSITION, -7L, 2.5, CODES, Z, 3)),
                Arguments.of("release-v2", new PrefixCommandV2(), new Release(CODES, 77)),
                Arguments.of(
                        "grant-v2",
                        new ItemCommandV2(),
                        new Grant(
                                POSITION,
                                -7L,
                                2.5,
                                CODES,
                                new int[] {1, 2, 3},
                                77,
                                Resolution.SINKHORN,
                                0.125,
                                1.0 / 3)),
                Arguments.of("no-free-code-v2", new ItemCommandV2(), new NoFreeCode(POSITION, -7L)),
                Arguments.of("deleted-v2", new ItemCommandV2(), new Deleted(POSITION)),
                Arguments.of(
                        "item-state-v2",
                        new ItemStateV2(),
                        new ItemState(
                                new SeenPositions(POSITION, Map.of(5, 99L, 4, 98L)),
                                Status.REFUSED,
                                -7L,
                                new int[] {1, 2, 3},
                                76)),
                Arguments.of("held-code-v2", new HeldCodeV2(), new HeldCode(ITEM, 77)),
                Arguments.of("item-counts-v1", new ItemCountsV1(), new ItemCounts(1_000_000, 3)));
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
    <T> void readsWhatTheFirstReleaseOfThisFormatWrote(String name, WireFormat<T> format, T value) throws IOException {
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
    <T> void tellsNewerFormatsFromDamage(String name, WireFormat<T> format, T value) {
        // Given
        byte[] bytes = format.toBytes(value);
        byte[] newer = bytes.clone();
        newer[0]++;
        byte[] older = bytes.clone();
        older[0] = 0;

        // Then
        assertThatThrownBy(() -> format.fromBytes(newer))
                .isInstanceOf(NewerFormatException.class)
                .hasMessageContaining("format version " + newer[0]);
        assertThatThrownBy(() -> format.fromBytes(older)).isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> format.fromBytes(Arrays.copyOf(bytes, 7)))
                .isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> format.fromBytes(new byte[0])).isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> format.fromBytes(null)).isInstanceOf(MalformedRecordException.class);
    }

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = WireFormatTest.class.getResourceAsStream("/wire/" + name + ".hex")) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
