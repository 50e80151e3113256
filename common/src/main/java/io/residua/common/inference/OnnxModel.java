package io.residua.common.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.residua.common.device.Device;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model on ONNX Runtime with one input and one or more outputs, all backed by {@link BatchTensor}s. Used by one
 * thread at a time. Its owner closes it when no run is in progress.
 */
final class OnnxModel implements AutoCloseable {
    private final String name;
    private final OrtSession session;
    private final Device device;
    private final int maxRows;
    private final BatchTensor input;
    private final List<BatchTensor> outputs;

    private OnnxModel(
            String name, OnnxSessions.OpenSession opened, int maxRows, BatchTensor input, List<BatchTensor> outputs) {
        this.name = name;
        this.session = opened.session();
        this.device = opened.device();
        this.maxRows = maxRows;
        this.input = input;
        this.outputs = List.copyOf(outputs);
    }

    /**
     * Settings for running a model.
     *
     * @param device the device to run on
     * @param threads threads per run, 0 for ONNX Runtime's default
     * @param maxRows maximum number of rows per run
     */
    record Run(Device device, int threads, int maxRows) {}

    /**
     * Opens a model.
     *
     * @param name name in messages
     * @param content its file's content
     * @throws IOException if it lacks these tensors or the device is not available
     */
    static OnnxModel open(String name, byte[] content, Run run, BatchTensor input, List<BatchTensor> outputs)
            throws IOException {
        // Checked separately, so that an unavailable device is not reported as an unusable model.
        OnnxSessions.requireDevice(run.device());
        try {
            OnnxSessions.OpenSession opened = OnnxSessions.open(content, run.device(), run.threads());
            try {
                input.requireIn(name, opened.session().getInputInfo());
                for (BatchTensor output : outputs) {
                    output.requireIn(name, opened.session().getOutputInfo());
                }
                return new OnnxModel(name, opened, run.maxRows(), input, outputs);
            } catch (IOException | RuntimeException | OrtException e) {
                opened.session().close();
                throw e;
            }
        } catch (OrtException e) {
            throw new IOException("cannot load " + name + ".onnx: " + e.getMessage(), e);
        }
    }

    /** The device it runs on, never {@code auto}. */
    Device device() {
        return device;
    }

    /** Maximum number of rows per run. */
    int maxRows() {
        return maxRows;
    }

    /**
     * Computes the first {@code rows} rows of the outputs from those of the input.
     *
     * @throws IllegalStateException if ONNX Runtime fails
     */
    void run(int rows) {
        if (rows < 1 || rows > maxRows) {
            throw new IllegalArgumentException("rows is " + rows + ", expected 1 to " + maxRows);
        }
        Map<String, OnnxValue> results = new LinkedHashMap<>();
        try (OnnxTensor in = input.of(rows)) {
            for (BatchTensor output : outputs) {
                results.put(output.name(), output.of(rows));
            }
            session.run(Map.of(input.name(), in), results).close();
        } catch (OrtException e) {
            throw new IllegalStateException(name + " failed on " + rows + " rows: " + e.getMessage(), e);
        } finally {
            results.values().forEach(OnnxValue::close);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("closing the " + name + " failed: " + e.getMessage(), e);
        }
    }
}
