package io.residua.common.event;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * A model is ready for use: the value of {@code models}, keyed by the model version.
 *
 * @param modelVersion the version, see {@link ModelVersions}
 * @param requestId the training request it came from; absent for a model published by hand
 * @param location URI of the folder that holds the artifacts
 * @param manifestSha256 SHA-256 of {@code manifest.json} there, in lower-case hexadecimal
 * @param manifest the manifest itself: files with their SHA-256, configuration, training metrics
 * @param time when it was published
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelPublished(
        String modelVersion,
        String requestId,
        String location,
        String manifestSha256,
        ModelManifest manifest,
        Instant time) {
    public ModelPublished {
        ModelVersions.require(modelVersion);
        Checks.requireText("location", location);
        Checks.requireText("manifestSha256", manifestSha256);
        requireNonNull(manifest, "manifest is null");
        if (!manifest.modelVersion().equals(modelVersion)) {
            throw new IllegalArgumentException(
                    "manifest is of model version " + manifest.modelVersion() + ", expected " + modelVersion);
        }
        requireNonNull(time, "time is null");
    }
}
