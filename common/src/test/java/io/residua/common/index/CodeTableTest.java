package io.residua.common.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodeTableTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void numbersCodesAsAMapOfListsDoes(int levels) {
        // Given
        Random random = new Random(levels);
        int[] codes = random.ints(5_000L * levels, 0, 12).toArray();
        CodeTable table = new CodeTable(levels);
        Map<String, Integer> plain = new HashMap<>();

        for (int offset = 0; offset < codes.length; offset += levels) {
            int[] code = Arrays.copyOfRange(codes, offset, offset + levels);
            int expected = plain.computeIfAbsent(Arrays.toString(code), key -> plain.size());

            // When
            int number = table.add(codes, offset);

            // Then
            assertThat(number).isEqualTo(expected);
            assertThat(table.find(codes, offset)).isEqualTo(expected);
            assertThat(table.code(number)).containsExactly(code);
        }
        assertThat(table.size()).isEqualTo(plain.size());
        int[] other = new int[levels];
        Arrays.fill(other, 12);
        assertThat(table.find(other, 0)).isEqualTo(CodeTable.NONE);
    }

    @Test
    void codesWithoutLevelsAreOne() {
        // Given
        CodeTable table = new CodeTable(0);

        // When
        int first = table.add(new int[0], 0);
        int second = table.add(new int[0], 0);

        // Then
        assertThat(first).isZero().isEqualTo(second);
        assertThat(table.code(0)).isEmpty();
    }
}
