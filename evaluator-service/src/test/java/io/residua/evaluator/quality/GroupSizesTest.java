package io.residua.evaluator.quality;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GroupSizesTest {
    @Test
    void equalGroupsHaveNoInequality() {
        // Given
        long[] sizes = {3, 3, 3, 3};

        // When
        GroupSizes summary = GroupSizes.of(sizes);

        // Then
        assertThat(summary).isEqualTo(new GroupSizes(4, 0, 3, 3, 3, 3, 0));
    }

    @Test
    void giniIsHalfTheRelativeMeanDifference() {
        // Given
        long[] sizes = {4, 1, 1, 2};
        double sumOfDifferences = 2 * (3 + 3 + 2 + 0 + 1 + 1);

        // When
        GroupSizes summary = GroupSizes.of(sizes);

        // Then
        assertThat(summary).isEqualTo(new GroupSizes(4, 0, 1, 4, 4, 4, sumOfDifferences / (2 * 4 * 8)));
    }

    @Test
    void emptyGroupsCount() {
        // Given
        long[] sizes = {0, 6, 0, 0};

        // When
        GroupSizes summary = GroupSizes.of(sizes);

        // Then
        assertThat(summary).isEqualTo(new GroupSizes(4, 3, 0, 6, 6, 6, 0.75));
    }

    @Test
    void noGroupsAreNoError() {
        // When
        GroupSizes summary = GroupSizes.of(new long[0]);

        // Then
        assertThat(summary).isEqualTo(new GroupSizes(0, 0, 0, 0, 0, 0, 0));
    }
}
