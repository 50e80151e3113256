package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStateTest {
    private static final Instant NOW = Instant.now();

    @TempDir
    private Path folder;

    @Test
    void stateOfTheSameGenerationIsKeptOverARestart() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);
        Path store = Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);

        // Then
        assertThat(store).exists();
    }

    @Test
    void stateThatWasWrittenWithinTheLastHoursIsKeptHoweverOldTheGenerationIs() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);
        Path store = Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));
        Path checkpoint = Files.createFile(store.resolve(".checkpoint"));
        age(Duration.ofDays(30));
        Files.setLastModifiedTime(checkpoint, FileTime.from(NOW.minus(Duration.ofHours(11))));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);

        // Then
        assertThat(store).exists();
    }

    @Test
    void stateThatMayHaveMissedTombstonesIsDeleted() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);
        Files.createFile(Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0"))
                .resolve(".checkpoint"));
        age(Duration.ofHours(13));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);

        // Then
        assertThat(folder.resolve("streams/indexer-f2-v1")).doesNotExist();
    }

    private void age(Duration age) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
            }
        }
    }

    @Test
    void stateOfAGenerationThatWasBuiltAnewElsewhereIsDeleted() throws IOException {
        // Given
        new LocalState(folder, "indexer-f2-v1").claim("id-1", NOW);
        Files.createDirectories(folder.resolve("streams/indexer-f2-v1/0_0/rocksdb"));

        // When
        new LocalState(folder, "indexer-f2-v1").claim("id-2", NOW);

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
