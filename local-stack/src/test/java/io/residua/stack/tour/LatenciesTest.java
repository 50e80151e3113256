package io.residua.stack.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void percentilesAreTimesThatWereMeasured() {
        // Given
        Latencies latencies = new Latencies(
                LongStream.rangeClosed(1, 200).map(i -> (201 - i) * 1_000_000).toArray());

        // Then
        assertThat(latencies.percentileMillis(50)).isEqualTo(100);
        assertThat(latencies.percentileMillis(99)).isEqualTo(198);
        assertThat(latencies.percentileMillis(100)).isEqualTo(200);
        assertThat(new Latencies(new long[] {5_000_000}).percentileMillis(99)).isEqualTo(5);
    }
}
