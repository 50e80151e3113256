package io.residua.indexer.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.quantise.Codebooks;
import io.residua.common.resolve.SinkhornResolver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixAssignmentTest {
    @ParameterizedTest
    @CsvSource({"3, 64", "256, 512", "2048, 2048", "65536, 64"})
    void distancesComputedAtOnceAreBoundedHoweverLargeTheCodebook(int entries, int maxRequests) {
        // Given
        Codebooks codebooks = Codebooks.of(1, new float[][] {{0, 1}, new float[entries]});

        // When
        int most = new PrefixAssignment(codebooks, new SinkhornResolver(0.02)).maxRequests();

        // Then
        assertThat(most).isEqualTo(maxRequests);
        assertThat((long) most * entries).isLessThanOrEqualTo(1 << 22);
    }
}
