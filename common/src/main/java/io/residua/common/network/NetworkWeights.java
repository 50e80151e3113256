package io.residua.common.network;

import io.residua.common.safetensors.DType;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which weights a network has: encoder, codebooks, decoder, in the Python reference's order. */
final class NetworkWeights {
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
