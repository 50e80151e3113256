package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NeighbourShareTest {
    /** Two directions: items 0, 1, 4 point one way, 2, 3, 5 the other, with lengths that cosine must not see. */
    private static final float[] VECTORS = {1, 0.1f, 9, 0.5f, 0.1f, 1, 0.3f, 7, 2, 0.3f, 0.2f, 3};

    @Test
    void nearestIsByDirectionNotByLength() {
        // When
        double[] norms = NeighbourShare.norms(VECTORS, 2, 6);

        // Then
        assertThat(NeighbourShare.nearest(VECTORS, 2, norms, 4)).isIn(0, 1);
        assertThat(NeighbourShare.nearest(VECTORS, 2, norms, 5)).isIn(2, 3);
    }

    @Test
    void codesThatFollowDirectionsAreSharedWithEveryNeighbour() {
        // When
        NeighbourShare share = NeighbourShare.of(VECTORS, 2, new int[] {7, 7, 8, 8, 7, 8}, 4);

        // Then
        assertThat(share.neighbours()).isEqualTo(1);
        // Each of the two shares its code with 2 of 5 others.
        assertThat(share.random()).isCloseTo(0.4, within(1e-12));
        assertThat(share.ratio()).isCloseTo(2.5, within(1e-12));
    }

    @Test
    void codesThatIgnoreDirectionsAreSharedWithNone() {
        // When
        NeighbourShare share = NeighbourShare.of(VECTORS, 2, new int[] {1, 2, 3, 4, 5, 6}, 4);

        // Then
        assertThat(share.neighbours()).isZero();
        assertThat(share.random()).isZero();
        assertThat(share.ratio()).isZero();
    }
}
