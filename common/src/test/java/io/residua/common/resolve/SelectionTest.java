package io.residua.common.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 101})
    void findsWhatSortingFinds(int count) {
        // Given: few distinct values, so that there are ties
        double[] values =
                new Random(count).ints(count, 0, count).asDoubleStream().toArray();
        double[] sorted = values.clone();
        Arrays.sort(sorted);

        for (int k = 1; k <= count; k++) {
            // When
            double found = Selection.smallest(values.clone(), count, k);

            // Then
            assertThat(found).isEqualTo(sorted[k - 1]);
        }
    }
}
