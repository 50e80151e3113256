package io.residua.trainer.export;

import io.residua.common.network.Checkpoint;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import io.residua.common.safetensors.DType;
import io.residua.common.safetensors.Tensor;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.Standardisation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Folds the standardisation into a trained network's weights, so that it takes and gives embeddings in their own units:
 * W′ = W/σ and b′ = b − Wμ/σ in the encoder's first layer, W′ = σW and b′ = σb + μ in the decoder's last.
 */
final class FoldedWeights {
    private FoldedWeights() {}

    /** A copy of {@code weights} as they are now, with {@code standardisation} folded in. */
    static Checkpoint of(NetworkConfig network, Weights weights, Standardisation standardisation) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : weights.names()) {
            DType type = name.endsWith("num_batches_tracked") ? DType.I64 : DType.F32;
            tensors.put(name, new Tensor(type, weights.read(name), weights.shape(name)));
        }
        if (!standardisation.isNone()) {
            foldInto(network.encoder().get(0), tensors, standardisation);
            List<DenseLayer> decoder = network.decoder();
            unfoldFrom(decoder.get(decoder.size() - 1), tensors, standardisation);
        }
        return new Checkpoint(network, tensors, Map.of());
    }

    private static void foldInto(DenseLayer first, Map<String, Tensor> tensors, Standardisation standardisation) {
        float[] weight = tensors.get(first.weight()).floats();
        float[] bias = tensors.get(first.bias()).floats();
        double scale = standardisation.scale();
        for (int out = 0; out < first.out(); out++) {
            double shift = 0;
            for (int in = 0; in < first.in(); in++) {
                int at = out * first.in() + in;
                shift += weight[at] * (double) standardisation.mean()[in];
                weight[at] = (float) (weight[at] / scale);
            }
            bias[out] = (float) (bias[out] - shift / scale);
        }
        put(first, tensors, weight, bias);
    }

    private static void unfoldFrom(DenseLayer last, Map<String, Tensor> tensors, Standardisation standardisation) {
        float[] weight = tensors.get(last.weight()).floats();
        float[] bias = tensors.get(last.bias()).floats();
        double scale = standardisation.scale();
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (weight[i] * scale);
        }
        for (int out = 0; out < last.out(); out++) {
            bias[out] = (float) (bias[out] * scale + standardisation.mean()[out]);
        }
        put(last, tensors, weight, bias);
    }

    private static void put(DenseLayer layer, Map<String, Tensor> tensors, float[] weight, float[] bias) {
        tensors.put(layer.weight(), Tensor.of(weight, layer.out(), layer.in()));
        tensors.put(layer.bias(), Tensor.of(bias, layer.out()));
    }
}
