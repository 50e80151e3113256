package io.residua.common.inference;

import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.ModelPathHint;
import io.residua.common.npy.NpyFiles;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.quantise.Codebooks;
import io.residua.common.safetensors.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The model given by {@code --ckpt_path}: a model's folder, or a checkpoint of either format. */
public final class OfflineModel {
    private final Codebooks codebooks;
    private final Map<String, String> metadata;
    private final Content encoder;
    private final Content decoder;

    private OfflineModel(Codebooks codebooks, Map<String, String> metadata, Content encoder, Content decoder) {
        this.codebooks = codebooks;
        this.metadata = metadata;
        this.encoder = encoder;
        this.decoder = decoder;
    }

    private interface Content {
        byte[] read() throws IOException;
    }

    /**
     * Opens a model.
     *
     * @throws IOException naming the file that is missing or cannot be used
     */
    public static OfflineModel open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            // Before anything is read: a folder that is no model's has neither.
            Path encoder = required(path, ModelManifest.ENCODER);
            Path checkpoint = required(path, ModelManifest.CHECKPOINT);
            return new OfflineModel(
                    Codebooks.load(checkpoint),
                    Safetensors.read(checkpoint).metadata(),
                    () -> Files.readAllBytes(encoder),
                    () -> Files.readAllBytes(required(path, ModelManifest.DECODER)));
        }
        Checkpoint checkpoint = Checkpoint.read(path);
        return new OfflineModel(
                Codebooks.of(checkpoint),
                checkpoint.metadata(),
                () -> OnnxExport.encoder(checkpoint),
                () -> OnnxExport.decoder(checkpoint));
    }

    private static Path required(Path folder, String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            throw new IOException("--ckpt_path: there is no " + name + " in " + folder + ModelPathHint.of(folder));
        }
        return file;
    }

    /** Its codebooks. */
    public Codebooks codebooks() {
        return codebooks;
    }

    /** Entries per level, coarsest first. */
    public List<Integer> codebookSizes() {
        return IntStream.range(0, codebooks.levels()).mapToObj(codebooks::size).toList();
    }

    /** Metadata of its training, see {@link Checkpoint#metadata()}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Its encoder.
     *
     * @param rows the files it will encode
     * @param maxRows maximum number of rows per run
     * @throws IOException if it takes rows of another length or the device is not available
     */
    public OnnxEncoder encoder(NpyFiles rows, Device device, int maxRows) throws IOException {
        try {
            return encoder(rows.dim(), device, maxRows);
        } catch (TensorWidthException e) {
            throw new IOException(
                    rows.names().get(0) + " has rows of " + rows.dim() + " elements, the model takes " + e.columns(),
                    e);
        }
    }

    /** Its encoder, for embeddings of {@code dim} floats. */
    OnnxEncoder encoder(int dim, Device device, int maxRows) throws IOException {
        return OnnxEncoder.open(encoder.read(), shape(dim), device, maxRows);
    }

    /**
     * Its decoder.
     *
     * @param dim floats per embedding that it is to give
     * @param maxRows most rows of one run
     * @throws IOException if it gives others or the device cannot be had
     */
    public OnnxDecoder decoder(int dim, Device device, int maxRows) throws IOException {
        return OnnxDecoder.open(decoder.read(), shape(dim), device, maxRows);
    }

    private ModelShape shape(int dim) {
        return new ModelShape(dim, List.of(), codebooks.eDim(), codebookSizes());
    }
}
