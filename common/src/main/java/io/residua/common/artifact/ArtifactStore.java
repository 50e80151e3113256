package io.residua.common.artifact;

import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Stores published models, each in its own folder. A version is immutable. It exists completely or not at all.
 */
public interface ArtifactStore {
    /**
     * Publishes a model. If the version exists with the same files, this returns the existing publication.
     *
     * @param files the model's files by the names they get; they are copied
     * @throws VersionTakenException if the version exists with other content
     * @throws IOException if it cannot be written
     */
    PublishedModel publish(String modelVersion, ModelShape model, TrainingMetrics training, Map<String, Path> files)
            throws IOException;

    /**
     * Reads the manifest of a published model without checking its other files.
     *
     * @return empty if the version is not published
     * @throws IOException if the manifest cannot be read
     */
    Optional<PublishedModel> find(String modelVersion) throws IOException;

    /**
     * Makes a published model available as local files, each verified against its SHA-256.
     *
     * @param manifestSha256 expected SHA-256 of the manifest, or {@code null} to trust the manifest
     * @throws IOException naming the file that is missing or differs
     */
    PublishedModel fetch(String modelVersion, String manifestSha256) throws IOException;

    /**
     * Deletes a published model with all its files; does nothing if it is not there.
     *
     * @throws IOException if it cannot be deleted
     */
    void delete(String modelVersion) throws IOException;

    /**
     * A model in the store.
     *
     * @param manifest its manifest
     * @param manifestSha256 SHA-256 of {@code manifest.json}, lower-case hexadecimal
     * @param location URI of its folder
     * @param folder local folder that holds its files
     */
    record PublishedModel(ModelManifest manifest, String manifestSha256, String location, Path folder) {
        /** Local path of one of the model's files. */
        public Path file(String name) {
            if (!manifest.files().containsKey(name)) {
                throw new IllegalArgumentException("model " + manifest.modelVersion() + " has no file " + name
                        + ", only " + manifest.files().keySet());
            }
            return folder.resolve(name);
        }
    }

    /** The version exists with other content. Not retriable. */
    final class VersionTakenException extends IOException {
        private static final long serialVersionUID = 1L;

        VersionTakenException(String message) {
            super(message);
        }
    }
}
