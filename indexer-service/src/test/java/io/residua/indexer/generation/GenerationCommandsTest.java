package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class GenerationCommandsTest {
    @Test
    void commandIsDoneByTheThreadThatRunsCommandsAndItsAnswerComesBack() throws Exception {
        // Given
        GenerationCommands commands = new GenerationCommands(Duration.ofMinutes(1));
        CompletableFuture<Optional<String>> answer = CompletableFuture.supplyAsync(() ->
                commands.submit(control -> Optional.of(Thread.currentThread().getName())));

        // When
        while (!answer.isDone()) {
            commands.run(null);
        }

        // Then
        assertThat(answer.get()).contains(Thread.currentThread().getName());
    }

    @Test
    void commandThatFailsSaysWhyAndStopsNoOther() {
        // Given
        GenerationCommands commands = new GenerationCommands(Duration.ofMinutes(1));
        CompletableFuture<Optional<String>> answer = CompletableFuture.supplyAsync(() -> commands.submit(control -> {
            throw new IllegalArgumentException("the broker said no");
        }));

        // When
        while (!answer.isDone()) {
            commands.run(null);
        }

        // Then
        assertThatThrownBy(answer::join)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the broker said no");
    }

    @Test
    void commandThatIsNotDoneInTimeIsNotDoneLater() {
        // Given
        GenerationCommands commands = new GenerationCommands(Duration.ofMillis(1));
        AtomicBoolean done = new AtomicBoolean();

        // When
        assertThatThrownBy(() -> commands.submit(control -> {
                    done.set(true);
                    return Optional.empty();
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no connection to the broker");
        commands.run(null);

        // Then
        assertThat(done).isFalse();
    }
}
