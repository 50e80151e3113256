package io.residua.common.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * A model's input or output, [rows × columns], in native memory that is allocated once. A run uses the first rows of it.
 *
 * @param name its name in the model
 * @param type of its elements
 * @param columns elements per row
 * @param memory all rows, one behind the other
 */
record BatchTensor(String name, OnnxJavaType type, int columns, ByteBuffer memory) {
    /**
     * Allocates a tensor.
     *
     * @throws IllegalArgumentException if it has more bytes than a buffer can have
     */
    static BatchTensor allocate(String name, OnnxJavaType type, int maxRows, int columns) {
        long bytes = (long) maxRows * columns * type.size;
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a batch of " + maxRows + " rows of " + columns + " elements has "
                    + bytes + " bytes, expected at most " + Integer.MAX_VALUE);
        }
        return new BatchTensor(
                name, type, columns, ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder()));
    }

    /**
     * Checks that a model has the tensor.
     *
     * @param model what the model is, for the message
     * @param nodes the model's inputs or outputs by name
     * @throws TensorWidthException if it has another number of columns
     * @throws IOException if the model has no such tensor
     */
    void requireIn(String model, Map<String, NodeInfo> nodes) throws IOException {
        NodeInfo node = nodes.get(name);
        long[] dims = node == null ? new long[0] : ((TensorInfo) node.getInfo()).getShape();
        if (dims.length != 2 || dims[1] != columns) {
            String problem = model + "'s tensor '" + name + "' is " + (node == null ? "missing" : Arrays.toString(dims))
                    + ", expected [-1, " + columns + "]";
            throw dims.length == 2 ? new TensorWidthException(problem, dims[1]) : new IOException(problem);
        }
    }

    /** The first {@code rows} rows, for one run. */
    OnnxTensor of(int rows) throws OrtException {
        ByteBuffer used =
                memory.duplicate().order(ByteOrder.nativeOrder()).clear().limit(rows * columns * type.size);
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), used, new long[] {rows, columns}, type);
    }
}
