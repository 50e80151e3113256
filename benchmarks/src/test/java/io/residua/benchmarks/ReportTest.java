package io.residua.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    @Test
    void eachLineStandsBesideTheLimitOfItsOwnInput() {
        // Given
        List<Measurement> measurements = List.of(
                new Measurement("ResolverBenchmark", "expPass", "2x200", 400, 1000),
                new Measurement("ResolverBenchmark", "sinkhorn", "2x200", 400, 2500),
                new Measurement("ResolverBenchmark", "sinkhorn", "16x64", 1024, 9000));

        // When
        List<String> lines = Report.of(measurements).lines().toList();

        // Then
        assertThat(lines).hasSize(4);
        assertThat(lines.get(2).split(" +", -1))
                .containsExactly("ResolverBenchmark", "sinkhorn", "2x200", "2500.0", "6.250", "2.50");
        assertThat(lines.get(3)).endsWith(" -");
    }

    @Test
    void elementsAreCellsOrFloats() {
        assertThat(Measurement.elements("16x64")).isEqualTo(1024);
        assertThat(Measurement.elements("384")).isEqualTo(384);
    }
}
