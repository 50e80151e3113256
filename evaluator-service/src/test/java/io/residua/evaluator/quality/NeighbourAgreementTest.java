package io.residua.evaluator.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.residua.evaluator.quality.NeighbourAgreement.SharedPrefixes;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NeighbourAgreementTest {
    @Test
    void pairsAreCountedByTheirCommonPrefix() {
        // Given
        int[] codes = {1, 2, 3, 1, 2, 4, 1, 5, 3, 0, 2, 3};
        int[] queries = {0, 3};
        int[] nearest = {1, 2, 0, 2};

        // When
        NeighbourAgreement agreement = NeighbourAgreement.of(codes, 3, queries, nearest, new Random(1));

        // Then
        assertThat(agreement.items()).isEqualTo(4);
        assertThat(agreement.neighbours()).isEqualTo(2);
        assertThat(agreement.neighbourPairs()).isEqualTo(new SharedPrefixes(4, List.of(2L, 1L, 0L)));
        assertThat(agreement.neighbourPairs().share(1)).isEqualTo(0.5);
        assertThat(agreement.neighbourPairs().meanPrefix()).isEqualTo(0.75);
    }

    @Test
    void randomPairsAreOfTwoItemsAndAgreeAsOftenAsChanceHasIt() {
        // Given
        int items = 1000;
        int[] codes = new int[2 * items];
        int[] queries = new int[items];
        for (int item = 0; item < items; item++) {
            codes[2 * item] = item % 4;
            codes[2 * item + 1] = item;
            queries[item] = item;
        }
        int[] nearest = new int[10 * items];

        // When
        SharedPrefixes random =
                NeighbourAgreement.of(codes, 2, queries, nearest, new Random(1)).randomPairs();

        // Then
        assertThat(random.pairs()).isEqualTo(10 * items);
        assertThat(random.share(1)).isCloseTo(0.25, within(0.02));
        assertThat(random.share(2)).isZero();
    }
}
