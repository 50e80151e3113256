package io.residua.trainer.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ItemTableTest {
    private final ItemTable table = new ItemTable();

    @Test
    void itemsAreNumberedInTheOrderTheyAreFirstSeen() {
        // Given
        int items = 10_000;
        for (int i = 0; i < items; i++) {
            assertThat(table.number(key(i))).isEqualTo(-1 - i);
        }

        // When
        int[] numbers = java.util.stream.IntStream.range(0, items)
                .map(i -> table.number(key(i)))
                .toArray();

        // Then
        assertThat(numbers).isEqualTo(java.util.stream.IntStream.range(0, items).toArray());
        assertThat(table.size()).isEqualTo(items);
    }

    @Test
    void ofOnePartitionTheHigherOffsetIsNewer() {
        // Given
        table.number(key(0));
        assertThat(table.advance(0, 2, 10, 500)).isTrue();

        // When
        boolean later = table.advance(0, 2, 11, 400);
        boolean earlier = table.advance(0, 2, 9, 900);

        // Then
        assertThat(later).isTrue();
        assertThat(earlier).isFalse();
    }

    @Test
    void ofTwoPartitionsTheLaterTimestampIsNewer() {
        // Given
        table.number(key(0));
        assertThat(table.advance(0, 2, 0, 500)).isTrue();

        // When
        boolean older = table.advance(0, 3, 99, 499);
        boolean tieOfLowerPartition = table.advance(0, 1, 99, 500);
        boolean newer = table.advance(0, 1, 99, 501);

        // Then
        assertThat(older).isFalse();
        assertThat(tieOfLowerPartition).isFalse();
        assertThat(newer).isTrue();
    }

    private static byte[] key(int i) {
        return ("item-" + i).getBytes(StandardCharsets.UTF_8);
    }
}
