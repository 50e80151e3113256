package io.residua.common.embedding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ItemIdsTest {
    @ParameterizedTest
    @ValueSource(strings = {"4711", "Grüße", "商品-1", "\uFFFD", "🛒"})
    void validIdsAreReturned(String id) throws Exception {
        // Given
        byte[] key = id.getBytes(UTF_8);

        // When
        String required = ItemIds.require(key);

        // Then
        assertThat(required).isEqualTo(id);
    }

    @Test
    void longestIdIsCountedInBytes() throws Exception {
        // Given
        byte[] longest = "ü".repeat(256).getBytes(UTF_8);

        // When
        String id = ItemIds.require(longest);

        // Then
        assertThat(id).hasSize(256);
    }

    static Stream<byte[]> invalidKeys() {
        return Stream.of(
                null,
                new byte[0],
                "x".repeat(513).getBytes(UTF_8),
                new byte[] {(byte) 0xff},
                new byte[] {'a', (byte) 0xc3},
                new byte[] {(byte) 0xc0, (byte) 0x80},
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[] {(byte) 0xef, (byte) 0xbf, (byte) 0xbd, (byte) 0x80});
    }

    @ParameterizedTest
    @MethodSource("invalidKeys")
    void invalidIdsAreRefused(byte[] key) {
        // When
        InvalidEmbeddingException refusal =
                catchThrowableOfType(InvalidEmbeddingException.class, () -> ItemIds.require(key));

        // Then
        assertThat(refusal.reason()).isEqualTo("bad-item-id");
        assertThat(refusal).hasMessageEndingWith("expected UTF-8 of 1 to 512 bytes");
    }
}
