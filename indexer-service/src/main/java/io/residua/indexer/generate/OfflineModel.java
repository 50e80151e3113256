package io.residua.indexer.generate;

import io.residua.common.artifact.ModelManifest;
import io.residua.common.network.Checkpoint;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.quantise.Codebooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The model that {@code --ckpt_path} names: a model's folder, or a checkpoint of either kind, whose encoder is exported
 * to a temporary file that closing removes.
 *
 * @param encoder the ONNX model that maps embeddings to codes and latents
 * @param codebooks its codebooks
 * @param temporary whether the encoder's file is to be removed
 */
record OfflineModel(Path encoder, Codebooks codebooks, boolean temporary) implements AutoCloseable {
    /**
     * Opens a model.
     *
     * @throws IOException naming the file that is missing or cannot be used
     */
    static OfflineModel open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return new OfflineModel(
                    required(path, ModelManifest.ENCODER),
                    Codebooks.load(required(path, ModelManifest.CHECKPOINT)),
                    false);
        }
        Checkpoint checkpoint = Checkpoint.read(path);
        Codebooks codebooks = Codebooks.of(checkpoint);
        Path encoder = Files.createTempFile("residua-", ".onnx");
        // Also when the process is stopped before it comes to close this.
        encoder.toFile().deleteOnExit();
        Files.write(encoder, OnnxExport.encoder(checkpoint));
        return new OfflineModel(encoder, codebooks, true);
    }

    private static Path required(Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            throw new IOException("--ckpt_path: there is no " + name + " in " + folder);
        }
        return file;
    }

    @Override
    public void close() throws IOException {
        if (temporary) {
            Files.deleteIfExists(encoder);
        }
    }
}
