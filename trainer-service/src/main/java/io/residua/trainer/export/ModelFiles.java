package io.residua.trainer.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.residua.common.event.Json;
import io.residua.common.event.ModelManifest;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.event.ModelManifest.TrainingMetrics;
import io.residua.common.io.DurableFiles;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.common.onnx.OnnxExport;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.Evaluation;
import io.residua.trainer.run.FoldedWeights;
import io.residua.trainer.run.Standardisation;
import io.residua.trainer.run.TrainingRun.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * A trained model as files, ready to be published: weights and both ONNX models, and beside them what the manifest will
 * say. The folder is there completely or not at all.
 *
 * @param folder that holds the files
 * @param model the network's shape
 * @param training what training measured
 */
public record ModelFiles(Path folder, ModelShape model, TrainingMetrics training) {
    private static final Logger LOG = Logger.getLogger(ModelFiles.class);
    private static final int CHECK_ROWS = 2048;
    private static final String SUMMARY = "model.json";

    private record Summary(ModelShape model, TrainingMetrics training) {}

    /**
     * Writes what came of a training run, unless ONNX Runtime gives other codes than training did.
     *
     * @throws OnnxCheck.ParityException if it does
     */
    public static ModelFiles write(Path folder, Outcome outcome, Dataset data, Randomness randomness, NDManager manager)
            throws IOException {
        Path part = DurableFiles.beside(folder);
        DurableFiles.deleteFolder(part);
        Files.createDirectories(part);
        Checkpoint checkpoint = FoldedWeights.fold(
                        outcome.model().config(), outcome.model().weights(), outcome.standardisation())
                .withMetadata(TrainingData.metadata(data.files()));
        write(part, checkpoint);
        check(part.resolve(ModelManifest.ENCODER), outcome, data, randomness, manager);
        ModelShape shape = outcome.model().config().shape();
        TrainingMetrics metrics = metrics(outcome, data);
        DurableFiles.write(part.resolve(SUMMARY), Json.writePretty(new Summary(shape, metrics)));
        DurableFiles.deleteFolder(folder);
        DurableFiles.moveInto(part, folder);
        return new ModelFiles(folder, shape, metrics);
    }

    /** Writes a network's files into a folder. */
    static void write(Path folder, Checkpoint checkpoint) throws IOException {
        checkpoint.write(folder.resolve(ModelManifest.CHECKPOINT));
        DurableFiles.write(folder.resolve(ModelManifest.ENCODER), OnnxExport.encoder(checkpoint));
        DurableFiles.write(folder.resolve(ModelManifest.DECODER), OnnxExport.decoder(checkpoint));
    }

    /** The files that {@link #write} left in {@code folder}. */
    public static ModelFiles read(Path folder) throws IOException {
        Summary summary = Json.read(Files.readAllBytes(folder.resolve(SUMMARY)), Summary.class);
        return new ModelFiles(folder, summary.model(), summary.training());
    }

    /** What gets published, by the names it is published under. */
    public Map<String, Path> files() {
        Map<String, Path> files = new LinkedHashMap<>();
        for (String name : new String[] {ModelManifest.CHECKPOINT, ModelManifest.ENCODER, ModelManifest.DECODER}) {
            files.put(name, folder.resolve(name));
        }
        return files;
    }

    private static void check(Path encoder, Outcome outcome, Dataset data, Randomness randomness, NDManager manager) {
        int[] rows = data.sample(CHECK_ROWS, randomness.at(Randomness.Purpose.CHECK, 0, 0));
        try (NDScope scope = new NDScope()) {
            NDArray embeddings = data.batch(manager, rows, 0, rows.length);
            Standardisation standardisation = outcome.standardisation();
            NDArray inputs =
                    embeddings.sub(manager.create(standardisation.mean())).divi(standardisation.scale());
            OnnxCheck.Agreement agreement = OnnxCheck.compare(encoder, embeddings, outcome.model(), inputs);
            LOG.infof("onnx codes checked rows=%d near-ties=%d", agreement.rows(), agreement.nearTies());
        }
    }

    private static TrainingMetrics metrics(Outcome outcome, Dataset data) {
        Evaluation evaluation = outcome.evaluation();
        return new TrainingMetrics(
                data.rows(),
                outcome.epochs(),
                outcome.losses().total(),
                evaluation.reconstructionError(),
                evaluation.relativeReconstructionError(),
                evaluation.collisionRate(),
                evaluation.utilisation(),
                evaluation.meanQuantisationError());
    }
}
