package io.residua.trainer.run;

import io.residua.common.network.Checkpoint;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import io.residua.common.safetensors.Tensor;
import io.residua.trainer.model.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights between the two forms they have: as training knows them, for standardised embeddings, and <em>folded</em>, for
 * embeddings in their own units. Folding is W′ = W/σ and b′ = b − Wμ/σ in the encoder's first layer, W′ = σW and
 * b′ = σb + μ in the decoder's last.
 */
public final class FoldedWeights {
    private FoldedWeights() {}

    /** The {@code weights}, folded, as they are until they change: what folding leaves as it is may not be a copy. */
    public static Checkpoint fold(NetworkConfig network, Weights weights, Standardisation standardisation) {
        Map<String, Tensor> tensors = DeviceArrays.onHost(DeviceArrays.of(weights));
        fold(network, tensors, standardisation);
        return new Checkpoint(network, tensors, Map.of());
    }

    /**
     * Replaces {@code weights} by folded ones, unfolded for {@code standardisation}.
     *
     * @throws IllegalArgumentException if they are another network's
     */
    static void unfold(Checkpoint folded, NetworkConfig network, Weights weights, Standardisation standardisation) {
        if (!folded.network().equals(network)) {
            throw new IllegalArgumentException(
                    "the checkpoint to start from is of " + folded.network() + ", expected " + network);
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>(folded.tensors());
        fold(network, tensors, standardisation.inverse());
        tensors.forEach((name, tensor) -> weights.set(name, tensor.bytes()));
    }

    private static void fold(NetworkConfig network, Map<String, Tensor> tensors, Standardisation standardisation) {
        if (!standardisation.isNone()) {
            foldInputs(network.encoder().get(0), tensors, standardisation);
            List<DenseLayer> decoder = network.decoder();
            foldOutputs(decoder.get(decoder.size() - 1), tensors, standardisation);
        }
    }

    private static void foldInputs(DenseLayer first, Map<String, Tensor> tensors, Standardisation standardisation) {
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

    private static void foldOutputs(DenseLayer last, Map<String, Tensor> tensors, Standardisation standardisation) {
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
