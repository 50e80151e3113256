package io.residua.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    @Test
    void everyRowComesOnceAndBlocksStayTogether() {
        // Given
        int block = 8;

        // When
        int[] order = EpochOrder.of(30, block, new SplittableRandom(3));

        // Then
        assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, 30).toArray());
        int[] blocks = Arrays.stream(order).map(row -> row / block).toArray();
        long changes =
                IntStream.range(1, 30).filter(i -> blocks[i] != blocks[i - 1]).count();
        assertThat(changes).isEqualTo(3);
        assertThat(order).isNotEqualTo(EpochOrder.of(30, block, new SplittableRandom(4)));
    }
}
