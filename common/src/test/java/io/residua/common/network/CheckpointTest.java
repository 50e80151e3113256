package io.residua.common.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final NetworkConfig NETWORK =
            new NetworkConfig(new ModelShape(3, List.of(2), 1, List.of(2, 4)), true);

    @TempDir
    private Path folder;

    @Test
    void layersAreNamedAsPythonNumbersThem() {
        // When
        Checkpoint checkpoint = new Checkpoint(NETWORK, tensors(), Map.of());

        // Then
        assertThat(checkpoint.tensors().keySet())
                .startsWith("encoder.mlp_layers.1.weight", "encoder.mlp_layers.1.bias", "encoder.mlp_layers.2.weight")
                .contains("encoder.mlp_layers.2.num_batches_tracked", "encoder.mlp_layers.5.bias")
                .contains("rq.vq_layers.1.embedding.weight", "decoder.mlp_layers.2.running_var")
                .endsWith("decoder.mlp_layers.5.weight", "decoder.mlp_layers.5.bias");
    }

    @Test
    void batchNormalisationFoldsIntoTheLinearPart() {
        // Given
        Map<String, Tensor> tensors = tensors();
        tensors.put("encoder.mlp_layers.1.weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("encoder.mlp_layers.1.bias", Tensor.of(new float[] {1, -1}, 2));
        tensors.put("encoder.mlp_layers.2.weight", Tensor.of(new float[] {2, 3}, 2));
        tensors.put("encoder.mlp_layers.2.bias", Tensor.of(new float[] {0.5f, 0.25f}, 2));
        tensors.put("encoder.mlp_layers.2.running_mean", Tensor.of(new float[] {3, 1}, 2));
        tensors.put("encoder.mlp_layers.2.running_var", Tensor.of(new float[] {4, 0.25f}, 2));

        // When
        Checkpoint.Affine affine = new Checkpoint(NETWORK, tensors, Map.of())
                .affine(NETWORK.encoder().get(0));

        // Then
        assertThat(affine.weight()).containsExactly(new float[] {1, 2, 3, 24, 30, 36}, within(1e-3f));
        assertThat(affine.bias()).containsExactly(new float[] {-1.5f, -11.75f}, within(1e-3f));
    }

    @Test
    void tensorsThatAreNotTheNetworksAreNamed() {
        // Given
        Map<String, Tensor> missing = tensors();
        missing.remove("decoder.mlp_layers.1.bias");
        Map<String, Tensor> foreign = tensors();
        foreign.put("head.weight", Tensor.of(new float[1], 1));
        Map<String, Tensor> misshapen = tensors();
        misshapen.put("rq.vq_layers.1.embedding.weight", Tensor.of(new float[4], 2, 2));

        // Then
        assertThatThrownBy(() -> new Checkpoint(NETWORK, missing, Map.of()))
                .hasMessage("tensor 'decoder.mlp_layers.1.bias' is missing, expected F32[2]");
        assertThatThrownBy(() -> new Checkpoint(NETWORK, foreign, Map.of()))
                .hasMessageContaining("tensor 'head.weight' is none of the network's");
        assertThatThrownBy(() -> new Checkpoint(NETWORK, misshapen, Map.of()))
                .hasMessage("tensor 'rq.vq_layers.1.embedding.weight' is F32[2, 2], expected F32[4, 1]");
    }

    @Test
    void fileSaysThatPyTorchCanLoadIt() throws IOException {
        // Given
        Path file = folder.resolve("checkpoint.safetensors");

        // When
        new Checkpoint(NETWORK, tensors(), Map.of("epoch", "7")).write(file);

        // Then
        Safetensors written = Safetensors.read(file);
        assertThat(written.metadata()).containsOnly(Map.entry("epoch", "7"), Map.entry("format", "pt"));
        assertThat(written.names()).containsExactlyElementsOf(tensors().keySet());
    }

    private static Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        NetworkWeights.shapes(NETWORK).forEach((name, shape) -> {
            int elements = 1;
            for (long size : shape) {
                elements *= (int) size;
            }
            boolean counter = shape.length == 0;
            tensors.put(name, counter ? Tensor.of(new long[] {3}) : Tensor.of(new float[elements], shape));
        });
        return tensors;
    }
}
