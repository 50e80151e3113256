package io.residua.indexer.generate;

import io.residua.common.cli.DataPathArguments;
import io.residua.common.cli.Flags;
import io.residua.common.cli.RowProgress;
import io.residua.common.device.Device;
import io.residua.common.inference.OfflineModel;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.inference.RowEncoding;
import io.residua.common.npy.NpyFiles;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.assign.OfflineAssignment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code generate}: makes an index of unique codes for the rows of {@code .npy} files, without Kafka. Takes the flags of
 * the Python reference's {@code generate_indices.py}. To be run by {@link Flags#commandLine}.
 */
@Command(
        name = "generate",
        description = "Makes an index of unique semantic IDs for the rows of .npy files.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class GenerateCommand implements Callable<Integer> {
    private static final int NO_ROOM = 1;

    @Option(
            names = "--dataset",
            paramLabel = "NAME",
            description = "the data's name: without --output_file the index is NAME.index.json")
    private String dataset;

    @Option(
            names = "--ckpt_path",
            required = true,
            paramLabel = "PATH",
            description = "the model: a folder with encoder.onnx and checkpoint.safetensors,"
                    + " or a checkpoint, .safetensors or PyTorch's .pth")
    private Path checkpoint;

    @Mixin
    private DataPathArguments data = new DataPathArguments();

    @Option(
            names = "--output_dir",
            defaultValue = "./data",
            paramLabel = "DIR",
            description = "where the index goes, created if it is missing (default: ${DEFAULT-VALUE})")
    private Path outputFolder;

    @Option(
            names = "--output_file",
            paramLabel = "FILE",
            description = "the index, in --output_dir unless its path is absolute (default: index.json)")
    private Path outputFile;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--batch_size",
            defaultValue = "64",
            paramLabel = "N",
            description = "rows per run of the model (default: ${DEFAULT-VALUE})")
    private int batchSize;

    @Option(
            names = "--sinkhorn_epsilon",
            defaultValue = "0.02",
            paramLabel = "X",
            description = "final relative temperature of the assignment (default: ${DEFAULT-VALUE})")
    private double sinkhornEpsilon;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Device on = Device.parse(device);
        OfflineModel model = OfflineModel.open(checkpoint);
        Codebooks codebooks = model.codebooks();
        OfflineAssignment assignment = new OfflineAssignment(codebooks, sinkhornEpsilon);
        IndexJson index = new IndexJson(output());
        int[][] codes;
        float[][] latents;
        try (NpyFiles rows = new NpyFiles(data.givenOr(checkpoint, model.metadata()));
                OnnxEncoder encoder = model.encoder(rows, on, RowEncoding.batchRows(batchSize, rows))) {
            index.createFolder();
            codes = new int[Math.toIntExact(rows.rows())][codebooks.levels()];
            latents = new float[codes.length][codebooks.eDim()];
            encode(rows, encoder, codes, latents);
        }
        int distinctBefore = distinct(codes);
        double errorBefore = quantisationError(codebooks, codes, latents);
        List<Integer> unplaced = assignment.resolve(codes, latents);
        index.write(codes);
        spec.commandLine()
                .getOut()
                .printf(
                        "%,d items, %,d distinct nearest codes (%.2f %% collide), %,d distinct codes written to %s%n",
                        codes.length,
                        distinctBefore,
                        100.0 * (codes.length - distinctBefore) / Math.max(1, codes.length),
                        distinct(codes),
                        index.file());
        if (errorBefore > 0) {
            double added = quantisationError(codebooks, codes, latents) / errorBefore - 1;
            // Rounded first, so that it is never printed as -0.00.
            spec.commandLine()
                    .getOut()
                    .printf("resolving added %.2f %% to the quantisation error%n", Math.round(10_000 * added) / 100.0);
        }
        if (!unplaced.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .printf(
                            "generate: %,d items found no free code within reach and share one, row %d first;"
                                    + " train with larger codebooks%n",
                            unplaced.size(), unplaced.get(0));
            return NO_ROOM;
        }
        return 0;
    }

    private Path output() {
        if (outputFile != null) {
            if (outputFile.toString().isEmpty()) {
                throw new IllegalArgumentException("--output_file is empty, expected the name of a file");
            }
            return outputFolder.resolve(outputFile);
        }
        return outputFolder.resolve(dataset == null ? "index.json" : dataset + ".index.json");
    }

    private void encode(NpyFiles rows, OnnxEncoder encoder, int[][] codes, float[][] latents) throws IOException {
        try (RowProgress progress = new RowProgress(spec.commandLine().getErr(), "encoding", rows.rows())) {
            RowEncoding.encode(rows, encoder, batch -> {
                for (int i = 0; i < batch.rows(); i++) {
                    int row = (int) batch.first() + i;
                    System.arraycopy(batch.codes(), i * codes[row].length, codes[row], 0, codes[row].length);
                    System.arraycopy(batch.latents(), i * latents[row].length, latents[row], 0, latents[row].length);
                }
                progress.done(batch.first() + batch.rows());
            });
        }
    }

    /** Sum over all rows of the squared distance between latent and quantised value. */
    private static double quantisationError(Codebooks codebooks, int[][] codes, float[][] latents) {
        double sum = 0;
        for (int row = 0; row < codes.length; row++) {
            sum += codebooks.error(latents[row], codes[row]);
        }
        return sum;
    }

    private static int distinct(int[][] codes) {
        Set<List<Integer>> distinct = new HashSet<>();
        for (int[] code : codes) {
            distinct.add(Arrays.stream(code).boxed().toList());
        }
        return distinct.size();
    }
}
