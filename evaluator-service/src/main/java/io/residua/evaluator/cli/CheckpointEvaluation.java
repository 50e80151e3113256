package io.residua.evaluator.cli;

import io.residua.common.cli.RowProgress;
import io.residua.common.device.Device;
import io.residua.common.inference.OfflineModel;
import io.residua.common.inference.OnnxDecoder;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.inference.RowEncoding;
import io.residua.common.inference.RowEncoding.Batch;
import io.residua.common.npy.NpyFiles;
import io.residua.common.quantise.Codebooks;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import io.residua.evaluator.tally.HeapCounts;
import io.residua.evaluator.tally.IndexTally;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the rows of some files without Sinkhorn, counts the codes and measures what the decoder makes of them. Rows
 * that training leaves out are left out. Memory grows with the number of distinct codes, not with the rows' length.
 */
final class CheckpointEvaluation {
    private final OfflineModel model;
    private final List<Path> files;
    private final Device device;
    private final int batchSize;
    private final PrintWriter err;
    private final HeapCounts counts = new HeapCounts();
    private final IndexTally tally;
    /** {@code null} unless neighbours are wanted. */
    private NeighbourSample sample;

    private double squaredError;
    private double squares;

    CheckpointEvaluation(OfflineModel model, List<Path> files, Device device, int batchSize, PrintWriter err) {
        this.model = model;
        this.files = files;
        this.device = device;
        this.batchSize = batchSize;
        this.err = err;
        this.tally = new IndexTally(counts, model.codebookSizes());
    }

    /**
     * Evaluates all rows, once.
     *
     * @param checkpoint the model's name in the report
     * @param full whether to look at prefixes and neighbours too
     * @throws IOException if a file cannot be read or does not fit the model, no row is left, or the device cannot be
     *     had
     */
    IndexReport run(Path checkpoint, boolean full) throws IOException {
        long leftOut;
        try (NpyFiles rows = new NpyFiles(files)) {
            sample = full
                    ? new NeighbourSample(
                            rows.rows(), rows.dim(), model.codebooks().levels())
                    : null;
            int batchRows = RowEncoding.batchRows(batchSize, rows);
            try (OnnxEncoder encoder = model.encoder(rows, device, batchRows);
                    OnnxDecoder decoder = model.decoder(rows.dim(), device, batchRows);
                    RowProgress progress = new RowProgress(err, "encoding", rows.rows())) {
                leftOut = RowEncoding.encodeFinite(rows, encoder, batch -> {
                    count(batch);
                    decode(batch, decoder, rows.dim());
                    if (sample != null) {
                        sample.offer(batch);
                    }
                    progress.done(batch.first() + batch.rows());
                });
            }
            if (leftOut == rows.rows()) {
                throw new IOException("every row of " + String.join(", ", rows.names()) + " holds NaN or infinity");
            }
        }
        // As training reports it: mean squared error / mean square of the data as they are.
        Double relativeError = squares == 0 ? null : (Double) (squaredError / squares);
        IndexReport report = IndexReport.ofCheckpoint(checkpoint, files, tally, leftOut, relativeError);
        return sample == null
                ? report
                : report.with(IndexStructure.of(counts, model.codebookSizes(), sample.agreement(err)));
    }

    private void count(Batch batch) {
        int levels = model.codebooks().levels();
        for (int row = 0; row < batch.rows(); row++) {
            List<Integer> code = new ArrayList<>(levels);
            for (int level = 0; level < levels; level++) {
                code.add(batch.codes()[row * levels + level]);
            }
            tally.apply(Change.added(CodedItem.of(code)));
        }
    }

    private void decode(Batch batch, OnnxDecoder decoder, int dim) {
        Codebooks codebooks = model.codebooks();
        float[] sum = new float[codebooks.eDim()];
        FloatBuffer input = decoder.input();
        for (int row = 0; row < batch.rows(); row++) {
            codebooks.sum(batch.codes(), row * codebooks.levels(), sum);
            input.put(sum);
        }
        decoder.run(batch.rows());
        FloatBuffer decoded = decoder.embeddings();
        for (int i = 0; i < batch.rows() * dim; i++) {
            double embedding = batch.embeddings()[i];
            double error = decoded.get() - embedding;
            squaredError += error * error;
            squares += embedding * embedding;
        }
    }
}
