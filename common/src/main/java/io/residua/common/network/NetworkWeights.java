package io.residua.common.network;

import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which weights a network has: encoder, codebooks, decoder, in the Python reference's order. */
final class NetworkWeights {
    private static final Pattern ENCODER_WEIGHT = Pattern.compile("encoder\\.mlp_layers\\.(\\d{1,9})\\.weight");
    private static final String BATCHES = ".num_batches_tracked";

    private NetworkWeights() {}

    /** The shape of every weight by its name. */
    static Map<String, long[]> shapes(NetworkConfig network) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        network.encoder().forEach(layer -> add(layer, shapes));
        for (int level = 0; level < network.levels(); level++) {
            int size = network.shape().codebookSizes().get(level);
            shapes.put(
                    NetworkConfig.codebook(level),
                    new long[] {size, network.shape().eDim()});
        }
        network.decoder().forEach(layer -> add(layer, shapes));
        return shapes;
    }

    /**
     * The network that weights belong to, as far as names and shapes of the encoder's and the codebooks tell.
     *
     * @throws IllegalArgumentException if there is no encoder or no codebook among them
     */
    static NetworkConfig network(Map<String, Tensor> tensors) {
        SortedMap<Integer, long[]> linear = new TreeMap<>();
        boolean batchNorm = false;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Matcher name = ENCODER_WEIGHT.matcher(entry.getKey());
            long[] shape = entry.getValue().shape();
            if (name.matches() && shape.length == 2) {
                linear.put(Integer.valueOf(name.group(1)), shape);
            }
            batchNorm |= name.matches() && shape.length == 1;
        }
        List<Integer> sizes = new ArrayList<>();
        while (tensors.containsKey(NetworkConfig.codebook(sizes.size()))) {
            sizes.add(size(tensors.get(NetworkConfig.codebook(sizes.size())).shape(), 0));
        }
        if (linear.isEmpty() || sizes.isEmpty()) {
            throw new IllegalArgumentException("expected tensors encoder.mlp_layers.1.weight, …, "
                    + NetworkConfig.codebook(0) + ", …, decoder.mlp_layers.1.weight, …, but it has " + some(tensors));
        }
        List<Integer> widths = new ArrayList<>(
                linear.values().stream().map(shape -> size(shape, 0)).toList());
        int eDim = widths.remove(widths.size() - 1);
        int dim = size(linear.get(linear.firstKey()), 1);
        return new NetworkConfig(new ModelShape(dim, widths, eDim, sizes), batchNorm);
    }

    private static int size(long[] shape, int axis) {
        if (axis >= shape.length || shape[axis] > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a weight has shape " + Arrays.toString(shape));
        }
        return (int) shape[axis];
    }

    private static String some(Map<String, Tensor> tensors) {
        return tensors.isEmpty()
                ? "none"
                : tensors.keySet().stream().sorted().limit(3).collect(Collectors.joining(", "))
                        + (tensors.size() > 3 ? ", …" : "");
    }

    private static void add(DenseLayer layer, Map<String, long[]> shapes) {
        long[] perOutput = {layer.out()};
        shapes.put(layer.weight(), new long[] {layer.out(), layer.in()});
        shapes.put(layer.bias(), perOutput);
        if (layer.norm() != null) {
            shapes.put(layer.scale(), perOutput);
            shapes.put(layer.shift(), perOutput);
            shapes.put(layer.runningMean(), perOutput);
            shapes.put(layer.runningVariance(), perOutput);
            shapes.put(layer.batchesTracked(), new long[0]);
        }
    }

    /** The type of a weight. */
    static DType type(String name) {
        return name.endsWith(BATCHES) ? DType.I64 : DType.F32;
    }
}
