package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.IndexStatus.Items;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CoverageTest {
    @ParameterizedTest
    @CsvSource({
        // coded, refused, nothing of something, ready items, enough
        "0,     0, false,    0, true",
        "0,     0, true,     0, false",
        "0,     1, false,    0, false",
        "99,    1, false,    0, true",
        "98,    2, false,    0, false",
        "99,    0, false,  100, true",
        "98,    0, false,  100, false",
        "0,     0, false,  100, false",
        "1000,  0, false,  100, true",
    })
    void coverageIsJudgedByTheItemsAndByTheReadyGeneration(
            long coded, long refused, boolean nothingOfSomething, long readyItems, boolean enough) {
        // When
        boolean covered = new Coverage(0.99)
                .shortfall(new Items(coded, refused), nothingOfSomething, readyItems)
                .isEmpty();

        // Then
        assertThat(covered).isEqualTo(enough);
    }
}
