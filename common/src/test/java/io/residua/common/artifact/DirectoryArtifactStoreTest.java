package io.residua.common.artifact;

import static io.residua.common.event.ModelManifest.CHECKPOINT;
import static io.residua.common.event.ModelManifest.ENCODER;
import static io.residua.common.event.ModelManifest.MANIFEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.ArtifactStore.VersionTakenException;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryArtifactStoreTest {
    private static final ModelShape SHAPE = new ModelShape(16, List.of(12, 8), 4, List.of(5, 5, 5));
    private static final TrainingMetrics TRAINING =
            new TrainingMetrics(40, 10, 0.5, 0.25, 0.125, 0.1, List.of(1.0, 1.0, 0.8), 0.01);

    @TempDir
    private Path temp;

    private Path root;
    private ArtifactStore store;
    private Map<String, Path> files;

    @BeforeEach
    void someFiles() throws IOException {
        root = temp.resolve("models");
        store = new DirectoryArtifactStore(root);
        files = new TreeMap<>(Map.of(
                ENCODER, Files.writeString(temp.resolve("a"), "encoder"),
                CHECKPOINT, Files.writeString(temp.resolve("b"), "weights")));
    }

    @Test
    void fetchReturnsWhatWasPublished() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);

        // When
        PublishedModel fetched = store.fetch("v1", published.manifestSha256());

        // Then
        assertThat(fetched).isEqualTo(published);
        assertThat(fetched.manifest().model()).isEqualTo(SHAPE);
        assertThat(fetched.manifest().training()).isEqualTo(TRAINING);
        assertThat(fetched.location()).isEqualTo(root.resolve("v1").toUri().toString());
        assertThat(fetched.folder()).isEqualTo(root.resolve("v1"));
        assertThat(fetched.file(ENCODER)).hasContent("encoder");
        assertThat(fetched.file(CHECKPOINT)).hasContent("weights");
        assertThat(fetched.manifestSha256())
                .isEqualTo(Sha256.of(root.resolve("v1").resolve(MANIFEST)));
    }

    @Test
    void publishingTheSameAgainReturnsTheFirstPublication() throws IOException {
        // Given
        PublishedModel first = store.publish("v1", SHAPE, TRAINING, files);

        // When
        PublishedModel second = new DirectoryArtifactStore(root).publish("v1", SHAPE, TRAINING, files);

        // Then
        assertThat(second).isEqualTo(first);
    }

    @Test
    void deletedModelIsGoneAndItsVersionCanBePublishedAgain() throws IOException {
        // Given
        store.publish("v1", SHAPE, TRAINING, files);
        Path killedHere = store.publish("v2", SHAPE, TRAINING, files).folder();
        Files.delete(killedHere.resolve(MANIFEST));

        // When
        store.delete("v1");
        store.delete("v2");
        store.delete("never-published");

        // Then
        assertThat(store.find("v1")).isEmpty();
        assertThat(root.resolve("v1")).doesNotExist();
        assertThat(root.resolve("v2")).doesNotExist();
        assertThat(store.publish("v1", SHAPE, TRAINING, files).folder()).exists();
    }

    @Test
    void aVersionIsFoundOnceItIsPublished() throws IOException {
        // Given
        Optional<PublishedModel> before = store.find("v1");
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);

        // When
        Optional<PublishedModel> after = store.find("v1");

        // Then
        assertThat(before).isEmpty();
        assertThat(after).contains(published);
    }

    @Test
    void aVersionWhoseFolderIsSomethingElseCannotBePublished() throws IOException {
        // Given
        Files.createDirectories(root.resolve("v1"));

        // When / Then
        assertThatThrownBy(() -> store.publish("v1", SHAPE, TRAINING, files))
                .isInstanceOf(VersionTakenException.class)
                .hasMessageContaining("without a manifest");
    }

    @Test
    void aPublishedVersionCannotBeReplaced() throws IOException {
        // Given
        PublishedModel first = store.publish("v1", SHAPE, TRAINING, files);
        ModelShape otherShape = new ModelShape(16, List.of(12, 8), 4, List.of(5, 5));
        Map<String, Path> otherFiles = Map.of(ENCODER, files.get(CHECKPOINT), CHECKPOINT, files.get(CHECKPOINT));

        // When / Then
        assertThatThrownBy(() -> store.publish("v1", otherShape, TRAINING, files))
                .isInstanceOf(VersionTakenException.class)
                .hasMessageContaining("model v1 is already published")
                .hasMessageContaining("another shape");
        assertThatThrownBy(() -> store.publish("v1", SHAPE, TRAINING, otherFiles))
                .isInstanceOf(VersionTakenException.class)
                .hasMessageContaining("model v1 is already published")
                .hasMessageContaining("other files");
        assertThat(store.fetch("v1", first.manifestSha256())).isEqualTo(first);
    }

    @Test
    void concurrentPublishersGetOneAndTheSamePublication() throws Exception {
        // Given
        int publishers = 6;
        ExecutorService threads = Executors.newFixedThreadPool(publishers);
        CyclicBarrier start = new CyclicBarrier(publishers);
        List<Future<PublishedModel>> results = new ArrayList<>();

        // When
        for (int i = 0; i < publishers; i++) {
            results.add(threads.submit(() -> {
                start.await();
                return new DirectoryArtifactStore(root).publish("v1", SHAPE, TRAINING, files);
            }));
        }
        threads.shutdown();

        // Then
        PublishedModel first = results.get(0).get();
        for (Future<PublishedModel> result : results) {
            assertThat(result.get()).isEqualTo(first);
        }
        assertThat(visible()).containsExactly("v1");
    }

    @Test
    void leftoversOfAKilledPublisherAreInvisibleAndGoWithTheNextPublication() throws IOException {
        // Given
        Path leftover = Files.createDirectories(root.resolve(".v1.staging"));
        Files.writeString(leftover.resolve(ENCODER), "enc");
        assertThatThrownBy(() -> store.fetch("v1", null)).hasMessageContaining("model v1 is not published");

        // When
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);

        // Then
        assertThat(leftover).doesNotExist();
        assertThat(published.file(ENCODER)).hasContent("encoder");
        assertThat(visible()).containsExactly("v1");
    }

    @Test
    void aFailedPublicationLeavesNothing() throws IOException {
        // Given
        files.put("folder.bin", Files.createDirectory(temp.resolve("a-folder")));

        // When
        assertThatThrownBy(() -> store.publish("v1", SHAPE, TRAINING, files)).isInstanceOf(IOException.class);

        // Then
        assertThat(visible()).isEmpty();
        assertThat(root.resolve(".v1.staging")).doesNotExist();
    }

    @Test
    void missingSourceFileIsNamed() {
        // Given
        files.put("decoder.onnx", temp.resolve("nowhere"));

        // When / Then
        assertThatThrownBy(() -> store.publish("v1", SHAPE, TRAINING, files))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("decoder.onnx");
    }

    @Test
    void changedFileIsNamedOnFetch() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);
        Files.writeString(published.file(ENCODER), "encodeR");

        // When / Then
        assertThatThrownBy(() -> store.fetch("v1", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(published.file(ENCODER) + " has SHA-256")
                .hasMessageContaining("the manifest says "
                        + published.manifest().files().get(ENCODER).sha256());
    }

    @Test
    void truncatedFileIsNamedOnFetch() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);
        Files.writeString(published.file(CHECKPOINT), "wei");

        // When / Then
        assertThatThrownBy(() -> store.fetch("v1", null))
                .isInstanceOf(IOException.class)
                .hasMessage(published.file(CHECKPOINT) + " has 3 bytes, the manifest says 7");
    }

    @Test
    void missingFileIsNamedOnFetch() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);
        Files.delete(published.file(ENCODER));

        // When / Then
        assertThatThrownBy(() -> store.fetch("v1", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(published.file(ENCODER) + " is missing");
    }

    @Test
    void manifestThatIsNotTheAnnouncedOneIsRefused() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);
        String other = Sha256.of(new byte[0]);

        // When / Then
        assertThatThrownBy(() -> store.fetch("v1", other))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(MANIFEST)
                .hasMessageContaining("expected " + other);
        assertThat(published.manifestSha256()).isNotEqualTo(other);
    }

    @Test
    void manifestOfAnotherVersionOrBrokenIsRefused() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);
        Path moved = Files.createDirectory(root.resolve("v2"));
        Files.write(moved.resolve(MANIFEST), Json.write(published.manifest()));
        Path broken = Files.createDirectory(root.resolve("v3"));
        Files.writeString(broken.resolve(MANIFEST), "{\"format\":1,");

        // When / Then
        assertThatThrownBy(() -> store.fetch("v2", null)).hasMessageContaining("is of model version v1, expected v2");
        assertThatThrownBy(() -> store.fetch("v3", null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a valid ModelManifest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/b", "manifest.json", ".hidden", ""})
    void fileNamesCannotLeaveTheFolder(String name) {
        // Given
        files.put(name, files.get(ENCODER));

        // When / Then
        assertThatThrownBy(() -> store.publish("v1", SHAPE, TRAINING, files))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("file name is '" + name + "'");
    }

    @Test
    void rootIsAPathOrAFileUri() throws IOException {
        // Given
        PublishedModel published = store.publish("v1", SHAPE, TRAINING, files);

        // When
        PublishedModel byPath = ArtifactStores.open(root.toString()).fetch("v1", null);
        PublishedModel byUri = ArtifactStores.open(root.toUri().toString()).fetch("v1", null);

        // Then
        assertThat(byPath).isEqualTo(published);
        assertThat(byUri).isEqualTo(published);
        assertThatThrownBy(() -> ArtifactStores.open("s3://bucket/models"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'s3://bucket/models'");
    }

    @Test
    void sha256IsTheStandardOne() {
        // Given
        byte[] abc = {'a', 'b', 'c'};

        // When
        String hash = Sha256.of(abc);

        // Then
        assertThat(hash).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    private List<String> visible() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }
}
