package io.residua.indexer.encode;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.artifact.OnnxNames;
import io.residua.common.device.Device;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * A model's encoder on ONNX Runtime, with input and output in native memory that is allocated once: the caller fills
 * {@link #input()}, runs, and reads {@link #codes()} and {@link #latents()}, which stay valid until the next run.
 *
 * <p>Used by one thread at a time; closed by its owner when no run is under way.
 */
public final class OnnxEncoder implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final ModelShape shape;
    private final OrtSession session;
    private final Device device;
    private final int maxRows;
    private final ByteBuffer input;
    private final ByteBuffer codes;
    private final ByteBuffer latents;

    /**
     * Opens {@code encoder.onnx}.
     *
     * @param shape what the manifest says of the model
     * @param device where to run it
     * @param threads of one run, 0 for ONNX Runtime's choice
     * @param maxRows most rows of one run
     * @throws IOException if the file is no such encoder or the device cannot be had
     */
    public static OnnxEncoder open(Path model, ModelShape shape, Device device, int threads, int maxRows)
            throws IOException {
        try {
            OnnxSessions.OpenSession opened =
                    OnnxSessions.open(OrtEnvironment.getEnvironment(), model, device, threads);
            try {
                requireShape(opened.session(), shape);
                return new OnnxEncoder(opened, shape, maxRows);
            } catch (IOException | RuntimeException | OrtException e) {
                opened.session().close();
                throw e;
            }
        } catch (OrtException e) {
            throw new IOException("cannot load " + model.getFileName() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Makes sure that models can run on a device, before there is one.
     *
     * @throws IOException if a device is named that cannot be had; {@code auto} and {@code cpu} always can
     */
    public static void requireDevice(Device device) throws IOException {
        try {
            OnnxSessions.requireDevice(device);
        } catch (OrtException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private OnnxEncoder(OnnxSessions.OpenSession opened, ModelShape shape, int maxRows) {
        this.session = opened.session();
        this.device = opened.device();
        this.shape = shape;
        this.maxRows = maxRows;
        this.input = direct(maxRows, shape.dim(), Float.BYTES);
        this.codes = direct(maxRows, shape.levels(), Long.BYTES);
        this.latents = direct(maxRows, shape.eDim(), Float.BYTES);
    }

    private static ByteBuffer direct(int rows, int columns, int elementBytes) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(rows * columns, elementBytes))
                .order(ByteOrder.nativeOrder());
    }

    private static void requireShape(OrtSession session, ModelShape shape) throws OrtException, IOException {
        requireTensor(session.getInputInfo().get(OnnxNames.EMBEDDING), OnnxNames.EMBEDDING, shape.dim());
        requireTensor(session.getOutputInfo().get(OnnxNames.CODES), OnnxNames.CODES, shape.levels());
        requireTensor(session.getOutputInfo().get(OnnxNames.LATENT), OnnxNames.LATENT, shape.eDim());
    }

    private static void requireTensor(NodeInfo node, String name, int columns) throws IOException {
        long[] dims = node == null ? new long[0] : ((TensorInfo) node.getInfo()).getShape();
        if (dims.length != 2 || dims[1] != columns) {
            throw new IOException("encoder's tensor '" + name + "' is "
                    + (node == null ? "missing" : Arrays.toString(dims)) + ", expected [-1, " + columns
                    + "]");
        }
    }

    /** What the model looks like. */
    public ModelShape shape() {
        return shape;
    }

    /** Where it runs: never {@code auto}. */
    public Device device() {
        return device;
    }

    /** Most rows of one run. */
    public int maxRows() {
        return maxRows;
    }

    /** The input, [maxRows × dim], at position 0; rows are written one after another from there. */
    public FloatBuffer input() {
        return input.asFloatBuffer();
    }

    /** The nearest codes of the last run, [rows × levels]. */
    public LongBuffer codes() {
        return codes.asLongBuffer();
    }

    /** The latents of the last run, [rows × eDim]. */
    public FloatBuffer latents() {
        return latents.asFloatBuffer();
    }

    /**
     * Encodes the first {@code rows} rows of the input.
     *
     * @throws IllegalStateException if ONNX Runtime fails
     */
    public void run(int rows) {
        if (rows < 1 || rows > maxRows) {
            throw new IllegalArgumentException("rows is " + rows + ", expected 1 to " + maxRows);
        }
        try (OnnxTensor in = tensor(input, rows, shape.dim(), OnnxJavaType.FLOAT);
                OnnxTensor outCodes = tensor(codes, rows, shape.levels(), OnnxJavaType.INT64);
                OnnxTensor outLatents = tensor(latents, rows, shape.eDim(), OnnxJavaType.FLOAT)) {
            session.run(
                            Map.of(OnnxNames.EMBEDDING, in),
                            Map.of(OnnxNames.CODES, outCodes, OnnxNames.LATENT, outLatents))
                    .close();
        } catch (OrtException e) {
            throw new IllegalStateException("encoding " + rows + " rows failed: " + e.getMessage(), e);
        }
    }

    private OnnxTensor tensor(ByteBuffer buffer, int rows, int columns, OnnxJavaType type) throws OrtException {
        ByteBuffer used =
                buffer.duplicate().order(ByteOrder.nativeOrder()).clear().limit(rows * columns * type.size);
        return OnnxTensor.createTensor(environment, used, new long[] {rows, columns}, type);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("closing the encoder failed: " + e.getMessage(), e);
        }
    }
}
