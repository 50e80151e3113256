package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStateTest {
    @TempDir
    private Path folder;

    @Test
    void stateOfTheSameGenerationIsKeptOverARestart() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1");
        Path store = Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-1");

        // Then
        assertThat(store).exists();
    }

    @Test
    void stateOfAGenerationThatWasBuiltAnewElsewhereIsDeleted() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1");
        Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-2");

        // Then
        assertThat(folder.resolve("streams/indexer-f2-v1")).doesNotExist();
    }

    @Test
    void stateOfARetiredGenerationIsDeletedAndThatOfOthersIsNot() throws IOException {
        // Given
        Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));
        Path other = Files.createDirectories(folder.resolve("streams/indexer-f2-v10/0_0"));

        // When
        new LocalState(folder, "indexer-f2-v1").delete();
        new LocalState(folder, "indexer-f2-v1").delete();

        // Then
        assertThat(folder.resolve("streams/indexer-f2-v1")).doesNotExist();
        assertThat(other).exists();
    }
}
