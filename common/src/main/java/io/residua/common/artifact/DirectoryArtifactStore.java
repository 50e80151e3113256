package io.residua.common.artifact;

import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelVersions;
import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/**
 * Stores each model in {@code <root>/<modelVersion>/}. A model is assembled in a hidden folder beside it, which is then
 * renamed atomically.
 *
 * <p>A lock on a hidden file serialises the publishers of one version, across processes. The operating system releases
 * it when a publisher dies; the next publisher of that version removes the incomplete folder. The file system must
 * support file locks and atomic renames, as local file systems and NFS 4 do.
 */
public final class DirectoryArtifactStore implements ArtifactStore {
    private static final Logger LOG = Logger.getLogger(DirectoryArtifactStore.class);
    // A file lock belongs to the whole process, so its threads need another lock.
    private static final Object IN_PROCESS = new Object();

    private final Path root;

    /** A store in {@code root}, which the first publication creates. */
    public DirectoryArtifactStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public PublishedModel publish(
            String modelVersion, ModelShape model, TrainingMetrics training, Map<String, Path> files)
            throws IOException {
        ModelVersions.require(modelVersion);
        requireReadable(modelVersion, files);
        Files.createDirectories(root);
        return withLock(modelVersion, () -> publishLocked(modelVersion, model, training, files));
    }

    /** A change of a version, made under its lock. */
    private interface Change<T> {
        T apply() throws IOException;
    }

    private <T> T withLock(String modelVersion, Change<T> change) throws IOException {
        synchronized (IN_PROCESS) {
            try (FileChannel channel = FileChannel.open(
                            root.resolve("." + modelVersion + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                return change.apply();
            }
        }
    }

    /** Deletes the manifest first, so that readers never find an incomplete model. */
    @Override
    public void delete(String modelVersion) throws IOException {
        Path folder = root.resolve(ModelVersions.require(modelVersion));
        if (!Files.exists(folder)) {
            return;
        }
        withLock(modelVersion, () -> {
            Files.deleteIfExists(folder.resolve(ModelManifest.MANIFEST));
            DurableFiles.deleteFolder(folder);
            return null;
        });
        LOG.infof("model deleted version=%s folder=%s", modelVersion, folder);
    }

    private PublishedModel publishLocked(
            String modelVersion, ModelShape model, TrainingMetrics training, Map<String, Path> files)
            throws IOException {
        Path folder = root.resolve(modelVersion);
        Path staging = root.resolve("." + modelVersion + ".staging");
        DurableFiles.deleteFolder(staging);
        if (Files.exists(folder)) {
            PublishedModel there = find(modelVersion)
                    .orElseThrow(() -> new VersionTakenException("model " + modelVersion + " cannot be published in "
                            + folder + ": there is something else without a manifest"));
            return requireSame(there, model, files);
        }
        Files.createDirectory(staging);
        try {
            ModelFolder.write(staging, modelVersion, model, training, files);
            DurableFiles.moveInto(staging, folder);
        } catch (IOException | RuntimeException e) {
            removeAfter(e, staging);
            throw e;
        }
        LOG.infof("model published version=%s folder=%s files=%d", modelVersion, folder, files.size());
        return ModelFolder.readManifest(folder, modelVersion, null);
    }

    private static PublishedModel requireSame(PublishedModel there, ModelShape model, Map<String, Path> files)
            throws IOException {
        ModelManifest manifest = there.manifest();
        if (!manifest.model().equals(model)) {
            throw new VersionTakenException("model " + manifest.modelVersion() + " is already published in "
                    + there.folder() + " with another shape: " + manifest.model() + ", not " + model);
        }
        if (!manifest.files().equals(ModelFolder.describe(files))) {
            throw new VersionTakenException("model " + manifest.modelVersion() + " is already published in "
                    + there.folder() + " with other files");
        }
        return there;
    }

    @Override
    public Optional<PublishedModel> find(String modelVersion) throws IOException {
        Path folder = root.resolve(ModelVersions.require(modelVersion));
        return Files.exists(folder.resolve(ModelManifest.MANIFEST))
                ? Optional.of(ModelFolder.readManifest(folder, modelVersion, null))
                : Optional.empty();
    }

    @Override
    public PublishedModel fetch(String modelVersion, String manifestSha256) throws IOException {
        ModelVersions.require(modelVersion);
        PublishedModel model = ModelFolder.readManifest(root.resolve(modelVersion), modelVersion, manifestSha256);
        ModelFolder.verifyFiles(model);
        return model;
    }

    private static void requireReadable(String modelVersion, Map<String, Path> files) throws IOException {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("model " + modelVersion + " has no files, expected at least one");
        }
        for (Map.Entry<String, Path> file : new TreeMap<>(files).entrySet()) {
            ModelManifest.requireFileName(file.getKey());
            if (!Files.isReadable(file.getValue())) {
                throw new IOException("cannot read " + file.getValue() + ", to be published as " + file.getKey());
            }
        }
    }

    private static void removeAfter(Exception failure, Path staging) {
        try {
            DurableFiles.deleteFolder(staging);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
