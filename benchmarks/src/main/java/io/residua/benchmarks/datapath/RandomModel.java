package io.residua.benchmarks.datapath;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.event.ModelPublished;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.DenseLayer;
import io.residua.common.network.NetworkConfig;
import io.residua.common.onnx.OnnxExport;
import io.residua.common.quantise.Codebooks;
import io.residua.common.safetensors.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A model that nobody trained and that costs as much to run as one of its shape that was trained: random weights, and
 * codebooks whose entries are latents of given items, level by level what the levels before left over, so that codes
 * spread over them.
 */
final class RandomModel {
    /** Seed of the items that a published one is fitted to; none that are measured have it. */
    static final long SEED = 99;

    private static final TrainingMetrics UNTRAINED = new TrainingMetrics(0, 0, 0, 0, 0, 0, List.of(), 0);

    private final Checkpoint checkpoint;

    private RandomModel(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** The Python reference's network for embeddings of {@code dim} floats. */
    static ModelShape referenceShape(int dim) {
        return new ModelShape(dim, List.of(2048, 1024, 512, 256, 128, 64), 32, List.of(256, 256, 256, 256));
    }

    /**
     * Makes a model.
     *
     * @param items whose latents become entries, as many as there are entries in all codebooks
     * @param workFolder an empty folder
     */
    static RandomModel fitted(ModelShape shape, ItemVectors items, Path workFolder) throws IOException {
        NetworkConfig network = new NetworkConfig(shape, false);
        Map<String, Tensor> tensors = new HashMap<>();
        SplittableRandom random = new SplittableRandom(1);
        network.encoder().forEach(layer -> addRandom(layer, random, tensors));
        network.decoder().forEach(layer -> addRandom(layer, random, tensors));
        float[][] entries = new float[shape.levels()][];
        for (int level = 0; level < entries.length; level++) {
            entries[level] = new float[shape.codebookSizes().get(level) * shape.eDim()];
        }
        addCodebooks(entries, shape, tensors);
        float[] latents = latents(new Checkpoint(network, tensors, Map.of()), items, workFolder);
        fit(entries, shape, latents);
        addCodebooks(entries, shape, tensors);
        return new RandomModel(new Checkpoint(network, tensors, Map.of()));
    }

    /** Its weights. */
    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Publishes the model in a store, and returns the event that announces it. */
    ModelPublished publish(ArtifactStore store, String version, Path workFolder) throws IOException {
        Path encoder = Files.write(workFolder.resolve(ModelManifest.ENCODER), OnnxExport.encoder(checkpoint));
        Path decoder = Files.write(workFolder.resolve(ModelManifest.DECODER), OnnxExport.decoder(checkpoint));
        Path weights = workFolder.resolve(ModelManifest.CHECKPOINT);
        checkpoint.write(weights);
        PublishedModel model = store.publish(
                version,
                checkpoint.network().shape(),
                UNTRAINED,
                Map.of(
                        ModelManifest.ENCODER, encoder,
                        ModelManifest.DECODER, decoder,
                        ModelManifest.CHECKPOINT, weights));
        return new ModelPublished(
                version, null, model.location(), model.manifestSha256(), model.manifest(), Instant.now());
    }

    /** Weights that keep the size of activations from layer to layer, He et al. (2015). */
    private static void addRandom(DenseLayer layer, SplittableRandom random, Map<String, Tensor> tensors) {
        float[] weight = new float[layer.out() * layer.in()];
        double deviation = Math.sqrt(2.0 / layer.in());
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (deviation * random.nextGaussian());
        }
        tensors.put(layer.weight(), Tensor.of(weight, layer.out(), layer.in()));
        tensors.put(layer.bias(), Tensor.of(new float[layer.out()], layer.out()));
    }

    private static void addCodebooks(float[][] entries, ModelShape shape, Map<String, Tensor> tensors) {
        for (int level = 0; level < entries.length; level++) {
            tensors.put(
                    NetworkConfig.codebook(level),
                    Tensor.of(entries[level], shape.codebookSizes().get(level), shape.eDim()));
        }
    }

    private static float[] latents(Checkpoint checkpoint, ItemVectors items, Path workFolder) throws IOException {
        ModelShape shape = checkpoint.network().shape();
        int count = shape.codebookSizes().stream().mapToInt(Integer::intValue).sum();
        Path file = Files.write(workFolder.resolve(ModelManifest.ENCODER), OnnxExport.encoder(checkpoint));
        try (OnnxEncoder encoder = OnnxEncoder.open(file, shape, new Device.Cpu(), 1, count)) {
            var input = encoder.input();
            for (int item = 0; item < count; item++) {
                input.put(items.of(item));
            }
            encoder.run(count);
            float[] latents = new float[count * shape.eDim()];
            encoder.latents().get(latents);
            return latents;
        }
    }

    /** Each level's entries are residuals of latents that no other level has. */
    private static void fit(float[][] entries, ModelShape shape, float[] latents) {
        int eDim = shape.eDim();
        int latent = 0;
        for (int level = 0; level < entries.length; level++) {
            Codebooks before = level == 0 ? null : Codebooks.of(eDim, Arrays.copyOf(entries, level));
            float[] residual = new float[eDim];
            for (int entry = 0; entry < entries[level].length; entry += eDim) {
                System.arraycopy(latents, latent * eDim, residual, 0, eDim);
                if (before != null) {
                    float[] z = residual.clone();
                    before.residual(z, 0, before.nearest(z), level, residual);
                }
                System.arraycopy(residual, 0, entries[level], entry, eDim);
                latent++;
            }
        }
    }
}
