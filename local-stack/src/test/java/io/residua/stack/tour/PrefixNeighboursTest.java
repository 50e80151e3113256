package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrefixNeighboursTest {
    private static final List<List<Integer>> CODES =
            List.of(List.of(1, 2, 3), List.of(1, 2, 4), List.of(1, 9, 9), List.of(5, 2, 3), List.of(1, 2, 5));

    @Test
    void kinShareTheLongestBeginningThatAnyoneShares() {
        assertThat(PrefixNeighbours.of(CODES, 0)).isEqualTo(new PrefixNeighbours(2, List.of(1, 4)));
        assertThat(PrefixNeighbours.of(CODES, 2)).isEqualTo(new PrefixNeighbours(1, List.of(0, 1, 4)));
    }

    @Test
    void itemWhoseFirstCodeIsItsOwnHasNoKin() {
        assertThat(PrefixNeighbours.of(CODES, 3)).isEqualTo(new PrefixNeighbours(0, List.of()));
    }
}
