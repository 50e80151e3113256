package io.residua.trainer.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import io.residua.trainer.model.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Named arrays on their way from the device to a safetensors file and back. */
final class DeviceArrays {
    private DeviceArrays() {}

    /** All weights by name. */
    static Map<String, NDArray> of(Weights weights) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights.names().forEach(name -> arrays.put(name, weights.get(name)));
        return arrays;
    }

    /**
     * Them on the host, to be written at once: arrays of the CPU are not copied but seen, so that writing them leaves no
     * garbage.
     */
    static Map<String, Tensor> onHost(Map<String, NDArray> arrays) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        arrays.forEach((name, array) -> {
            boolean view = !array.getDevice().isGpu();
            ByteBuffer bytes = array.toByteBuffer(view).order(ByteOrder.LITTLE_ENDIAN);
            DType type =
                    switch (array.getDataType()) {
                        case FLOAT32 -> DType.F32;
                        case INT64 -> DType.I64;
                        default -> throw new IllegalStateException("array " + name + " is " + array.getDataType());
                    };
            tensors.put(name, new Tensor(type, bytes.rewind(), array.getShape().getShape()));
        });
        return tensors;
    }

    /** Replaces their elements by those of the file's tensors of the same names. */
    static void fill(Map<String, NDArray> arrays, Safetensors saved) {
        arrays.forEach((name, array) -> copy(saved.tensor(name), array));
    }

    private static void copy(Tensor tensor, NDArray array) {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(tensor.bytes().remaining()).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(tensor.bytes()).flip();
        try (NDArray incoming = array.getManager().create(direct, array.getShape(), array.getDataType())) {
            array.set(new NDIndex("..."), incoming);
        }
    }
}
