package io.residua.common.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaFolderTest {
    @TempDir
    private Path folder;

    @Test
    void aReplicaIsTheSameAfterARestartAndOthersDiffer() throws IOException {
        // Given
        String first;
        try (ReplicaFolder replica = ReplicaFolder.open(folder.resolve("one"))) {
            first = replica.instanceId();
        }

        // When
        try (ReplicaFolder again = ReplicaFolder.open(folder.resolve("one"));
                ReplicaFolder other = ReplicaFolder.open(folder.resolve("two"))) {
            // Then
            assertThat(again.instanceId()).isEqualTo(first).isNotEqualTo(other.instanceId());
        }
    }

    @Test
    void writingTheIdThatWasInterruptedIsDoneAgain() throws IOException {
        // Given
        Files.writeString(folder.resolve(".instance-id.part"), "cut");

        // When
        try (ReplicaFolder replica = ReplicaFolder.open(folder)) {
            // Then
            assertThat(replica.instanceId()).matches("[0-9a-f]{8}");
        }
    }

    @Test
    void twoReplicasCannotShareAFolder() throws IOException {
        // Given
        try (ReplicaFolder replica = ReplicaFolder.open(folder)) {
            // Then
            assertThat(replica.instanceId()).isNotEmpty();
            assertThatThrownBy(() -> ReplicaFolder.open(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use by another process");
        }
    }
}
