package io.residua.common.inference;

import ai.onnxruntime.OnnxJavaType;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A model's decoder on ONNX Runtime: the caller fills {@link #input()} with sums of codebook entries, runs, and reads
 * {@link #embeddings()}, which stay valid until the next run.
 *
 * <p>Used by one thread at a time; closed by its owner when no run is under way.
 */
public final class OnnxDecoder implements AutoCloseable {
    private final OnnxModel model;
    private final BatchTensor input;
    private final BatchTensor embeddings;

    private OnnxDecoder(byte[] content, ModelShape shape, OnnxModel.Run run) throws IOException {
        this.input = BatchTensor.allocate(OnnxNames.LATENT, OnnxJavaType.FLOAT, run.maxRows(), shape.eDim());
        this.embeddings = BatchTensor.allocate(OnnxNames.EMBEDDING, OnnxJavaType.FLOAT, run.maxRows(), shape.dim());
        this.model = OnnxModel.open("decoder", content, run, input, List.of(embeddings));
    }

    /**
     * Opens a decoder, with ONNX Runtime's choice of threads.
     *
     * @param content of {@code decoder.onnx}
     * @param shape what the model looks like
     * @param device where to run it
     * @param maxRows most rows of one run
     * @throws IOException if it is no such decoder or the device cannot be had
     */
    static OnnxDecoder open(byte[] content, ModelShape shape, Device device, int maxRows) throws IOException {
        return new OnnxDecoder(content, shape, new OnnxModel.Run(device, 0, maxRows));
    }

    /** The input, [maxRows × eDim], at position 0; rows are written one after another from there. */
    public FloatBuffer input() {
        return input.memory().asFloatBuffer();
    }

    /** The embeddings of the last run, [rows × dim]. */
    public FloatBuffer embeddings() {
        return embeddings.memory().asFloatBuffer();
    }

    /**
     * Decodes the first {@code rows} rows of the input.
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
