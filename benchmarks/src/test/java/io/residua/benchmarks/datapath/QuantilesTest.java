package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {
    @Test
    void quantileIsTheLeastValueThatTheShareDoesNotExceed() {
        // Given
        double[] descending = IntStream.range(0, 200).mapToDouble(i -> 200 - i).toArray();

        // When
        Quantiles quantiles = new Quantiles(descending);

        // Then
        assertThat(quantiles.at(0.5)).isEqualTo(100);
        assertThat(quantiles.at(0.95)).isEqualTo(190);
        assertThat(quantiles.at(0.99)).isEqualTo(198);
        assertThat(quantiles.at(1)).isEqualTo(200);
    }

    @Test
    void singleValueIsEveryQuantile() {
        // When
        Quantiles quantiles = new Quantiles(new double[] {7});

        // Then
        assertThat(quantiles.at(0.01)).isEqualTo(7);
        assertThat(quantiles.at(0.99)).isEqualTo(7);
        assertThat(quantiles.words()).isEqualTo("p50    7.0 ms   p95    7.0 ms   p99    7.0 ms");
    }

    @Test
    void noValueIsRefused() {
        assertThatThrownBy(() -> new Quantiles(new double[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no values, expected at least one");
    }
}
