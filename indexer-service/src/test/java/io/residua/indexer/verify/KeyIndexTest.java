package io.residua.indexer.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyIndexTest {
    private final KeyIndex index = new KeyIndex();

    @Test
    void keysAreNumberedOnceAndFoundAgain() {
        // When
        for (int i = 0; i < 20_000; i++) {
            index.add(key(i));
        }

        // Then
        assertThat(index.size()).isEqualTo(20_000);
        for (int i = 0; i < 20_000; i++) {
            assertThat(index.add(key(i))).isEqualTo(i);
            assertThat(index.find(key(i))).isEqualTo(i);
            assertThat(index.get(i)).isEqualTo(key(i));
        }
        assertThat(index.size()).isEqualTo(20_000);
    }

    @Test
    void unknownKeyIsNotFound() {
        // Given
        index.add(key(1));

        // When
        int found = index.find(key(2));

        // Then
        assertThat(found).isEqualTo(-1);
        assertThat(index.size()).isEqualTo(1);
    }

    @Test
    void emptyKeyIsAKey() {
        // When
        int number = index.add(new byte[0]);

        // Then
        assertThat(index.find(new byte[0])).isEqualTo(number);
        assertThat(index.get(number)).isEmpty();
    }

    private static byte[] key(int i) {
        return ("item-" + i).getBytes(UTF_8);
    }
}
