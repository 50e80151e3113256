package io.residua.stack.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.stack.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path folder;

    @Test
    void keepsWhatIsInItUntilItIsCleaned() throws IOException {
        // Given
        try (DataFolder data = DataFolder.open(folder)) {
            Files.createDirectories(data.state("indexer"));
            Files.writeString(data.state("indexer").resolve("file"), "kept");
        }

        // When
        try (DataFolder data = DataFolder.open(folder)) {
            // Then
            assertThat(data.state("indexer").resolve("file")).hasContent("kept");
            data.clean();
            assertThat(data.state("indexer")).doesNotExist();
        }
        try (DataFolder data = DataFolder.open(folder)) {
            assertThat(data.root()).isEqualTo(folder);
        }
    }

    @Test
    void folderOfSomethingElseIsRefused() throws IOException {
        // Given
        Files.writeString(folder.resolve("thesis.txt"), "mine");

        // Then
        assertThatThrownBy(() -> DataFolder.open(folder))
                .isInstanceOf(StackException.class)
                .hasMessage(folder + " is not a Residua data folder and not empty; name another with --data");
        assertThat(folder.resolve("thesis.txt")).hasContent("mine");
    }

    @Test
    void folderInUseIsRefused() {
        // Given
        try (DataFolder first = DataFolder.open(folder)) {
            // Then
            assertThatThrownBy(() -> DataFolder.open(first.root()))
                    .isInstanceOf(StackException.class)
                    .hasMessage("another 'residua up' is running on " + folder);
        }
    }

    @Test
    void temporaryFolderIsEmptyEachTime() throws IOException {
        try (DataFolder data = DataFolder.open(folder)) {
            // Given
            Files.writeString(data.temporary("indexer").resolve("unpacked.so"), "native");

            // When
            Path again = data.temporary("indexer");

            // Then
            assertThat(again).isEmptyDirectory();
        }
    }
}
