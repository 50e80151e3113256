package io.residua.stack.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.stack.StackException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A supervisor in this process, one child of which is stopped while the other runs on. */
class SupervisorStopIT {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final List<String> ended = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stoppedChildCanBeStartedAgainWhileTheOtherRunsOn(boolean forcibly) throws Exception {
        // Given
        try (Supervisor supervisor = supervisor()) {
            supervisor.start(
                    List.of(StandInLauncher.standIn(folder, "a"), StandInLauncher.standIn(folder, "b")), START_TIMEOUT);
            Map<String, Long> before = supervisor.processIds();

            // When
            supervisor.stop("b", forcibly);
            String log = Files.readString(folder.resolve("b.log"));
            Files.delete(folder.resolve("b.pid"));
            supervisor.start(List.of(StandInLauncher.standIn(folder, "b")), START_TIMEOUT);

            // Then
            assertThat(log.contains("stopped in order")).isEqualTo(!forcibly);
            assertThat(supervisor.processIds()).containsEntry("a", before.get("a"));
            assertThat(supervisor.processIds().get("b")).isNotEqualTo(before.get("b"));
            assertThat(ended).isEmpty();
        }
    }

    @Test
    void childThatDoesNotRunCannotBeStopped() {
        // Given
        try (Supervisor supervisor = supervisor()) {

            // When, Then
            assertThatThrownBy(() -> supervisor.stop("c", true))
                    .isInstanceOf(StackException.class)
                    .hasMessage("no child is called c");
        }
    }

    private Supervisor supervisor() {
        return new Supervisor(folder.resolve("children"), child -> ended.add(child.name()));
    }
}
