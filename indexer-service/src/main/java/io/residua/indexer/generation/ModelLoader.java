package io.residua.indexer.generation;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.artifact.ArtifactStore.PublishedModel;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.SemanticIds;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.wire.Codes;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Loads the files of a published model and verifies them. Refuses an unusable model with a message of one line. */
final class ModelLoader {
    private final IndexerConfig config;
    private final ArtifactStore store;
    private final Device device;

    ModelLoader(IndexerConfig config, ArtifactStore store, Device device) {
        this.config = config;
        this.store = store;
        this.device = device;
    }

    /** The files of a published model, each verified. */
    PublishedModel fetch(ModelPublished published) throws RefusedException {
        try {
            return store.fetch(published.modelVersion(), published.manifestSha256());
        } catch (IOException e) {
            throw RefusedException.here("artifacts of " + published.modelVersion() + ": " + e.getMessage(), e);
        }
    }

    /** Its codebooks, which have the shape that the manifest says. */
    static Codebooks codebooks(PublishedModel model) throws RefusedException {
        ModelShape shape = model.manifest().model();
        if (shape.levels() > SemanticIds.MAX_LEVELS) {
            throw RefusedException.forAll(
                    "model has " + shape.levels() + " levels, expected at most " + SemanticIds.MAX_LEVELS);
        }
        for (int size : shape.codebookSizes()) {
            if (size > Codes.MAX_CODEBOOK_SIZE) {
                throw RefusedException.forAll(
                        "a codebook has " + size + " entries, expected at most " + Codes.MAX_CODEBOOK_SIZE);
            }
        }
        try {
            Codebooks codebooks = Codebooks.load(model.file(ModelManifest.CHECKPOINT));
            requireShape(codebooks, shape);
            return codebooks;
        } catch (IOException | IllegalArgumentException e) {
            throw RefusedException.here(ModelManifest.CHECKPOINT + ": " + e.getMessage(), e);
        }
    }

    private static void requireShape(Codebooks codebooks, ModelShape shape) throws RefusedException {
        List<Integer> sizes =
                IntStream.range(0, codebooks.levels()).mapToObj(codebooks::size).toList();
        if (codebooks.eDim() != shape.eDim() || !sizes.equals(shape.codebookSizes())) {
            throw RefusedException.forAll("codebooks of " + sizes + " entries of " + codebooks.eDim()
                    + " floats do not fit the manifest, expected " + shape.codebookSizes() + " of " + shape.eDim());
        }
    }

    /** Its encoder, which the caller closes. */
    OnnxEncoder encoder(PublishedModel model) throws RefusedException {
        try {
            return OnnxEncoder.open(
                    model.file(ModelManifest.ENCODER),
                    model.manifest().model(),
                    device,
                    config.encodeThreads(),
                    config.batchSize());
        } catch (IOException e) {
            throw RefusedException.here(e.getMessage(), e);
        }
    }
}
