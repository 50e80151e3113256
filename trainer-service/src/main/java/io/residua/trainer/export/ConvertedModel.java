package io.residua.trainer.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.residua.common.event.ModelManifest;
import io.residua.common.io.DurableFiles;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.NetworkConfig;
import io.residua.trainer.model.LossConfig;
import io.residua.trainer.model.LossConfig.Reconstruction;
import io.residua.trainer.model.Quantiser;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.Randomness.Purpose;
import io.residua.trainer.model.RqVae;
import io.residua.trainer.model.Weights;
import io.residua.trainer.run.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SplittableRandom;

/** A model that was trained elsewhere, as the files that Residua's own have. */
public final class ConvertedModel {
    private static final int CHECK_ROWS = 2048;
    private static final Randomness RANDOMNESS = new Randomness(2024);

    private ConvertedModel() {}

    /**
     * Writes a checkpoint's files into a folder, which is there completely or not at all, unless ONNX Runtime gives
     * other codes than the network itself.
     *
     * @param folder not there, or empty
     * @param data rows to compare codes on, of the network's dimension; {@code null} for what random codes decode to
     * @return what the comparison found
     * @throws OnnxCheck.ParityException if codes differ
     */
    public static OnnxCheck.Agreement write(Path folder, Checkpoint checkpoint, Dataset data, NDManager manager)
            throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Path part = DurableFiles.beside(target);
        DurableFiles.deleteFolder(part);
        Files.createDirectories(part);
        try {
            ModelFiles.write(part, checkpoint);
            OnnxCheck.Agreement agreement = check(part.resolve(ModelManifest.ENCODER), checkpoint, data, manager);
            DurableFiles.moveInto(part, target);
            return agreement;
        } finally {
            DurableFiles.deleteFolder(part);
        }
    }

    private static OnnxCheck.Agreement check(Path encoder, Checkpoint checkpoint, Dataset data, NDManager manager) {
        Weights weights = new Weights(checkpoint.network(), manager);
        weights.load(checkpoint);
        // Nothing is trained: the loss does not matter.
        LossConfig loss = new LossConfig(
                Reconstruction.MSE,
                1,
                0,
                Collections.nCopies(checkpoint.network().levels(), 0.0),
                1,
                false);
        RqVae model = new RqVae(checkpoint.network(), 0, weights, loss);
        try (NDScope scope = new NDScope()) {
            SplittableRandom random = RANDOMNESS.at(Purpose.CHECK, 0, 0);
            NDArray rows = data == null ? decoded(model, random, manager) : sample(data, random, manager);
            return OnnxCheck.compare(encoder, rows, model, rows);
        }
    }

    private static NDArray sample(Dataset data, SplittableRandom random, NDManager manager) {
        int[] rows = data.sample(CHECK_ROWS, random);
        return data.batch(manager, rows, 0, rows.length);
    }

    /** What random codes decode to: rows like those that the network was trained on. */
    private static NDArray decoded(RqVae model, SplittableRandom random, NDManager manager) {
        NDArray latent =
                manager.zeros(new Shape(CHECK_ROWS, model.config().shape().eDim()));
        for (int level = 0; level < model.config().levels(); level++) {
            int size = model.config().shape().codebookSizes().get(level);
            long[] codes = random.longs(CHECK_ROWS, 0, size).toArray();
            NDArray codebook = model.weights().get(NetworkConfig.codebook(level));
            latent = latent.add(Quantiser.rows(codebook, manager.create(codes)));
        }
        return model.decode(latent);
    }
}
