package io.residua.common.network;

import static java.util.Objects.requireNonNull;

import io.residua.common.event.ModelManifest;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trained network: what it consists of and all its weights, under the Python reference's names. Takes and gives
 * embeddings in their own units.
 *
 * @param network its layers and codebooks
 * @param tensors exactly the network's weights: float32, but int64 for numbers of batches
 * @param metadata metadata of its training; may be empty
 */
public record Checkpoint(NetworkConfig network, Map<String, Tensor> tensors, Map<String, String> metadata) {
    /** Metadata key of files that hold a network's tensors but are not a checkpoint. The value describes them. */
    public static final String UNFIT = "residua.unfit";

    /**
     * Checks the tensors against the network.
     *
     * @throws IllegalArgumentException naming the first tensor that is missing, unknown or of another shape or type
     */
    public Checkpoint {
        requireNonNull(network, "network is null");
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        for (Map.Entry<String, long[]> weight : NetworkWeights.shapes(network).entrySet()) {
            Tensor tensor = tensors.get(weight.getKey());
            requireWeight(weight.getKey(), tensor, weight.getValue());
            ordered.put(weight.getKey(), tensor);
        }
        for (String name : tensors.keySet()) {
            if (!ordered.containsKey(name)) {
                throw new IllegalArgumentException(
                        "tensor '" + name + "' is none of the network's, which are " + ordered.keySet());
            }
        }
        tensors = Collections.unmodifiableMap(ordered);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    private static void requireWeight(String name, Tensor tensor, long[] shape) {
        DType type = NetworkWeights.type(name);
        if (tensor == null || tensor.dtype() != type || !Arrays.equals(tensor.shape(), shape)) {
            throw new IllegalArgumentException("tensor '" + name + "' is " + (tensor == null ? "missing" : tensor)
                    + ", expected " + type + Arrays.toString(shape));
        }
    }

    /**
     * Reads a checkpoint of either kind, whatever its name: a safetensors file, ours or a state dict that Python saved,
     * or a {@code .pth} file that {@code torch.save} wrote, the Python reference's own or a mere state dict; or the
     * {@value ModelManifest#CHECKPOINT} in a model's folder. What the
     * network consists of is inferred from the tensors; other types of numbers become float32. Nothing that a file says
     * is run.
     *
     * @throws IOException naming the file, and saying what is wrong with it or what was expected
     */
    public static Checkpoint read(Path file) throws IOException {
        return CheckpointReader.read(file);
    }

    /** The same network with other metadata. */
    public Checkpoint withMetadata(Map<String, String> other) {
        return new Checkpoint(network, tensors, other);
    }

    /** Writes a safetensors file, which Python loads with {@code safetensors.torch.load_file}. */
    public void write(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>(metadata);
        texts.put("format", "pt");
        Safetensors.write(file, tensors, texts);
    }

    /** A level's codebook, [K, eDim]. */
    public float[] codebook(int level) {
        return tensors.get(NetworkConfig.codebook(level)).floats();
    }

    /** A layer's linear part with its batch normalisation, if any, folded in as evaluation applies it. */
    public Affine affine(DenseLayer layer) {
        float[] weight = tensors.get(layer.weight()).floats();
        float[] bias = tensors.get(layer.bias()).floats();
        if (layer.norm() == null) {
            return new Affine(weight, bias);
        }
        float[] scale = tensors.get(layer.scale()).floats();
        float[] shift = tensors.get(layer.shift()).floats();
        float[] mean = tensors.get(layer.runningMean()).floats();
        float[] variance = tensors.get(layer.runningVariance()).floats();
        for (int out = 0; out < layer.out(); out++) {
            double factor = scale[out] / Math.sqrt(variance[out] + DenseLayer.NORM_EPSILON);
            for (int in = 0; in < layer.in(); in++) {
                weight[out * layer.in() + in] = (float) (weight[out * layer.in() + in] * factor);
            }
            bias[out] = (float) ((bias[out] - mean[out]) * factor + shift[out]);
        }
        return new Affine(weight, bias);
    }

    /**
     * y = Wx + b.
     *
     * @param weight [out, in]
     * @param bias [out]
     */
    public record Affine(float[] weight, float[] bias) {}
}
