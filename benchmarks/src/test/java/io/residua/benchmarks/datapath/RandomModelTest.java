package io.residua.benchmarks.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.artifact.ArtifactStores;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelPublished;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.quantise.Codebooks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RandomModelTest {
    private static final ModelShape SHAPE = new ModelShape(24, List.of(64, 32, 16), 8, List.of(32, 32, 32));
    private static final int ITEMS = 512;

    @TempDir
    Path folder;

    @Test
    void publishedModelSpreadsItemsOverItsCodebooks() throws IOException {
        // Given
        ArtifactStore store = ArtifactStores.open(folder.resolve("artifacts").toString());
        Path work = Files.createDirectory(folder.resolve("work"));

        // When
        ModelPublished model =
                RandomModel.fitted(SHAPE, item -> vector(item + ITEMS), work).publish(store, "random", work);

        // Then
        PublishedModel published = store.fetch("random", model.manifestSha256());
        Codebooks codebooks = Codebooks.load(published.file(ModelManifest.CHECKPOINT));
        int equal = 0;
        Set<Integer> first = new HashSet<>();
        Set<List<Integer>> codes = new HashSet<>();
        try (OnnxEncoder encoder =
                OnnxEncoder.open(published.file(ModelManifest.ENCODER), SHAPE, new Device.Cpu(), 1, ITEMS)) {
            var input = encoder.input();
            for (int item = 0; item < ITEMS; item++) {
                input.put(vector(item));
            }
            encoder.run(ITEMS);
            for (int item = 0; item < ITEMS; item++) {
                float[] latent = new float[SHAPE.eDim()];
                encoder.latents().get(item * SHAPE.eDim(), latent);
                List<Integer> code =
                        Arrays.stream(codebooks.nearest(latent)).boxed().toList();
                first.add(code.get(0));
                codes.add(code);
                equal += encoder.codes().get(item * SHAPE.levels()) == code.get(0) ? 1 : 0;
            }
        }
        assertThat(equal).isEqualTo(ITEMS);
        assertThat(first).hasSizeGreaterThan(16);
        assertThat(codes).hasSizeGreaterThan(ITEMS / 2);
    }

    private static float[] vector(long item) {
        SplittableRandom random = new SplittableRandom(item);
        float[] vector = new float[SHAPE.dim()];
        for (int d = 0; d < vector.length; d++) {
            vector[d] = (float) random.nextGaussian();
        }
        return vector;
    }
}
