package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessCpuTest {
    private static final List<String> NAMES = List.of("broker", "indexer");
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void timeIsDividedByTheItemsAndAProcessThatIsNotKnownIsSaidToBe() {
        // Given
        ProcessCpu cpu = new ProcessCpu(NAMES, Map.of("indexer", SELF));

        // When
        String words = cpu.perItem(
                Map.of("indexer", Duration.ofMillis(500)), Map.of("indexer", Duration.ofMillis(2500)), 10_000);

        // Then
        assertThat(words).isEqualTo("broker not known, indexer 200 µs");
    }

    @Test
    void onlyKnownProcessesHaveATime() {
        assertThat(new ProcessCpu(NAMES, Map.of("indexer", SELF)).used()).containsOnlyKeys("indexer");
        assertThat(new ProcessCpu(NAMES, Map.of()).used()).isEmpty();
    }

    @Test
    void unknownNameOrProcessIsRefused() {
        assertThatThrownBy(() -> new ProcessCpu(NAMES, Map.of("index", SELF)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("process is 'index', expected one of [broker, indexer]");
        assertThatThrownBy(() -> new ProcessCpu(NAMES, Map.of("broker", -5L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("process id of broker is -5, but there is no such process on this machine");
    }
}
