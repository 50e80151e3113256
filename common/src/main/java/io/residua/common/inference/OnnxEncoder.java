package io.residua.common.inference;

import ai.onnxruntime.OnnxJavaType;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model's encoder on ONNX Runtime, with input and output in native memory that is allocated once: the caller fills
 * {@link #input()}, runs, and reads {@link #codes()} and {@link #latents()}, which stay valid until the next run.
 *
 * <p>Used by one thread at a time; closed by its owner when no run is under way.
 */
public final class OnnxEncoder implements AutoCloseable {
    private final ModelShape shape;
    private final OnnxModel model;
    private final BatchTensor input;
    private final BatchTensor codes;
    private final BatchTensor latents;

    private OnnxEncoder(byte[] content, ModelShape shape, OnnxModel.Run run) throws IOException {
        this.shape = shape;
        this.input = BatchTensor.allocate(OnnxNames.EMBEDDING, OnnxJavaType.FLOAT, run.maxRows(), shape.dim());
        this.codes = BatchTensor.allocate(OnnxNames.CODES, OnnxJavaType.INT64, run.maxRows(), shape.levels());
        this.latents = BatchTensor.allocate(OnnxNames.LATENT, OnnxJavaType.FLOAT, run.maxRows(), shape.eDim());
        this.model = OnnxModel.open("encoder", content, run, input, List.of(codes, latents));
    }

    /**
     * Opens {@code encoder.onnx}.
     *
     * @param file the model
     * @param shape what the manifest says of the model
     * @param device where to run it
     * @param threads of one run, 0 for ONNX Runtime's choice
     * @param maxRows most rows of one run
     * @throws IOException if the file is no such encoder or the device cannot be had
     */
    public static OnnxEncoder open(Path file, ModelShape shape, Device device, int threads, int maxRows)
            throws IOException {
        return new OnnxEncoder(Files.readAllBytes(file), shape, new OnnxModel.Run(device, threads, maxRows));
    }

    /** The same of a file's content, with ONNX Runtime's choice of threads. */
    static OnnxEncoder open(byte[] content, ModelShape shape, Device device, int maxRows) throws IOException {
        return new OnnxEncoder(content, shape, new OnnxModel.Run(device, 0, maxRows));
    }

    /** What the model looks like. */
    public ModelShape shape() {
        return shape;
    }

    /** Where it runs: never {@code auto}. */
    public Device device() {
        return model.device();
    }

    /** Most rows of one run. */
    public int maxRows() {
        return model.maxRows();
    }

    /** The input, [maxRows × dim], at position 0; rows are written one after another from there. */
    public FloatBuffer input() {
        return input.memory().asFloatBuffer();
    }

    /** The nearest codes of the last run, [rows × levels]. */
    public LongBuffer codes() {
        return codes.memory().asLongBuffer();
    }

    /** The latents of the last run, [rows × eDim]. */
    public FloatBuffer latents() {
        return latents.memory().asFloatBuffer();
    }

    /**
     * Encodes the first {@code rows} rows of the input.
     *
     * @throws IllegalStateException if ONNX Runtime fails
     */
    public void run(int rows) {
        model.run(rows);
    }

    @Override
    public void close() {
        model.close();
    }
}
