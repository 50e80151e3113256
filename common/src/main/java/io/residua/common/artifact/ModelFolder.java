package io.residua.common.artifact;

import static io.residua.common.event.ModelManifest.MANIFEST;

import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ArtifactFile;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.io.DurableFiles;
import io.residua.common.io.Sha256;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A local folder that holds one model. A remote store fills one before it uploads a model, and opens one after it has
 * downloaded it.
 */
final class ModelFolder {
    private ModelFolder() {}

    /** Copies a model's files into an empty folder, then writes their manifest. Forces everything to disk. */
    static void write(
            Path folder, String modelVersion, ModelShape model, TrainingMetrics training, Map<String, Path> files)
            throws IOException {
        SortedMap<String, ArtifactFile> copied = new TreeMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            copied.put(file.getKey(), copy(file.getValue(), folder.resolve(file.getKey())));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        ModelManifest manifest = new ModelManifest(ModelManifest.FORMAT, modelVersion, now, model, training, copied);
        DurableFiles.write(folder.resolve(MANIFEST), Json.writePretty(manifest));
        DurableFiles.forceFolder(folder);
    }

    /** Sizes and hashes of the files to publish. */
    static SortedMap<String, ArtifactFile> describe(Map<String, Path> files) throws IOException {
        SortedMap<String, ArtifactFile> described = new TreeMap<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            described.put(file.getKey(), new ArtifactFile(Files.size(file.getValue()), Sha256.of(file.getValue())));
        }
        return described;
    }

    /**
     * Reads a model's manifest without checking its other files.
     *
     * @param manifestSha256 expected hash of the manifest, or {@code null}
     * @throws IOException if it is missing, invalid or has another hash
     */
    static PublishedModel readManifest(Path folder, String modelVersion, String manifestSha256) throws IOException {
        Path file = folder.resolve(MANIFEST);
        if (!Files.exists(file)) {
            throw new IOException("model " + modelVersion + " is not published: there is no " + file);
        }
        byte[] json = Files.readAllBytes(file);
        String sha256 = Sha256.of(json);
        if (manifestSha256 != null && !manifestSha256.equals(sha256)) {
            throw new IOException(file + " has SHA-256 " + sha256 + ", expected " + manifestSha256);
        }
        ModelManifest manifest;
        try {
            manifest = Json.read(json, ModelManifest.class);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is " + e.getMessage(), e);
        }
        if (!manifest.modelVersion().equals(modelVersion)) {
            throw new IOException(
                    file + " is of model version " + manifest.modelVersion() + ", expected " + modelVersion);
        }
        return new PublishedModel(manifest, sha256, folder.toUri().toString(), folder);
    }

    /**
     * Compares every file of a model with its manifest.
     *
     * @throws IOException naming the first file that is missing or differs
     */
    static void verifyFiles(PublishedModel model) throws IOException {
        for (Map.Entry<String, ArtifactFile> entry : model.manifest().files().entrySet()) {
            Path file = model.folder().resolve(entry.getKey());
            ArtifactFile expected = entry.getValue();
            if (!Files.isRegularFile(file)) {
                throw new IOException(file + " is missing, the manifest names it");
            }
            long size = Files.size(file);
            if (size != expected.size()) {
                throw new IOException(file + " has " + size + " bytes, the manifest says " + expected.size());
            }
            String sha256 = Sha256.of(file);
            if (!sha256.equals(expected.sha256())) {
                throw new IOException(file + " has SHA-256 " + sha256 + ", the manifest says " + expected.sha256());
            }
        }
    }

    private static ArtifactFile copy(Path from, Path to) throws IOException {
        try (FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            String sha256 = Sha256.copy(from, Channels.newOutputStream(out));
            out.force(true);
            return new ArtifactFile(out.size(), sha256);
        }
    }
}
