package io.residua.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Resolution;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ItemCodeGeneratorTest {
    private static final int ITEMS = 4000;

    @Test
    void codesAreUniqueAndSomeNearestCodesAreShared() {
        // Given
        ItemCodeGenerator generator = new ItemCodeGenerator("m1", 1);

        // When
        List<ItemCode> codes = generate(generator);
        List<ItemCode> moved = IntStream.range(0, 100)
                .mapToObj(item -> generator.moved("item-" + item))
                .toList();

        // Then
        assertThat(Stream.concat(codes.stream(), moved.stream()).map(ItemCode::codes))
                .doesNotHaveDuplicates();
        assertThat(codes.stream().map(ItemCode::nearestCodes).distinct().count())
                .isBetween((long) (0.9 * ITEMS), (long) (0.99 * ITEMS));
        assertThat(codes).allSatisfy(code -> assertThat(code.resolution())
                .isEqualTo(code.codes().equals(code.nearestCodes()) ? Resolution.NEAREST : Resolution.SINKHORN));
        assertThat(moved).allSatisfy(code -> assertThat(code.resolution()).isEqualTo(Resolution.SPILLED));
    }

    @Test
    void sameSeedGivesTheSameCodes() {
        // When / Then
        assertThat(generate(new ItemCodeGenerator("m1", 5))).isEqualTo(generate(new ItemCodeGenerator("m1", 5)));
    }

    private static List<ItemCode> generate(ItemCodeGenerator generator) {
        return IntStream.range(0, ITEMS)
                .mapToObj(item -> generator.next("item-" + item))
                .toList();
    }
}
