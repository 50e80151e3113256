package io.residua.indexer.generate;

import io.residua.common.artifact.ModelManifest.ModelShape;
import io.residua.common.device.Device;
import io.residua.common.npy.NpyFile;
import io.residua.common.quantise.Codebooks;
import io.residua.indexer.assign.OfflineAssignment;
import io.residua.indexer.encode.OnnxEncoder;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code generate}: makes an index of unique codes for the rows of a {@code .npy} file, without Kafka. */
@Command(
        name = "generate",
        description = "Makes an index of unique semantic IDs for the rows of a .npy file.",
        mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;
    private static final int NO_ROOM = 1;

    @Option(
            names = {"--ckpt_path", "--ckpt-path"},
            required = true,
            paramLabel = "PATH",
            description = "The model: a folder with encoder.onnx and checkpoint.safetensors,"
                    + " or a checkpoint, .safetensors or PyTorch's .pth.")
    private Path checkpoint;

    @Option(
            names = {"--data_path", "--data-path"},
            required = true,
            paramLabel = "FILE",
            description = "The .npy file with one embedding per row.")
    private Path data;

    @Option(
            names = {"--output_file", "--output-file"},
            defaultValue = "index.json",
            paramLabel = "FILE",
            description = "Where the index goes (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = {"--batch_size", "--batch-size"},
            defaultValue = "512",
            paramLabel = "N",
            description = "Rows per run of the model (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = {"--sinkhorn_epsilon", "--sinkhorn-epsilon"},
            defaultValue = "0.02",
            paramLabel = "X",
            description = "Final relative temperature of the assignment (default: ${DEFAULT-VALUE}).")
    private double sinkhornEpsilon;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try {
            return generate();
        } catch (IOException | IllegalArgumentException e) {
            spec.commandLine().getErr().println("generate: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private int generate() throws IOException {
        if (batchSize < 1) {
            throw new IllegalArgumentException("--batch_size is " + batchSize + ", expected at least 1");
        }
        Codebooks codebooks;
        int[][] codes;
        float[][] latents;
        try (NpyFile rows = NpyFile.open(data);
                OfflineModel model = OfflineModel.open(checkpoint);
                OnnxEncoder encoder = OnnxEncoder.open(
                        model.encoder(), shape(rows.dim(), model.codebooks()), Device.parse(device), 0, batchSize)) {
            codebooks = model.codebooks();
            codes = new int[Math.toIntExact(rows.rows())][codebooks.levels()];
            latents = new float[codes.length][codebooks.eDim()];
            encode(rows, encoder, codes, latents);
        }
        int distinctBefore = distinct(codes);
        List<Integer> unplaced = new OfflineAssignment(codebooks, sinkhornEpsilon).resolve(codes, latents);
        IndexJson.write(output, codes);
        spec.commandLine()
                .getOut()
                .printf(
                        "%,d items, %,d distinct nearest codes (%.2f %% collide), %,d distinct codes written to %s%n",
                        codes.length,
                        distinctBefore,
                        100.0 * (codes.length - distinctBefore) / Math.max(1, codes.length),
                        distinct(codes),
                        output);
        if (!unplaced.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .printf(
                            "generate: %,d items found every entry of their prefix taken and share a code, row %d first;"
                                    + " train with a larger last codebook%n",
                            unplaced.size(), unplaced.get(0));
            return NO_ROOM;
        }
        return 0;
    }

    private static ModelShape shape(int dim, Codebooks codebooks) {
        List<Integer> sizes = new ArrayList<>();
        for (int level = 0; level < codebooks.levels(); level++) {
            sizes.add(codebooks.size(level));
        }
        return new ModelShape(dim, List.of(), codebooks.eDim(), sizes);
    }

    private void encode(NpyFile rows, OnnxEncoder encoder, int[][] codes, float[][] latents) throws IOException {
        float[] batch = new float[batchSize * rows.dim()];
        for (int first = 0; first < codes.length; first += batchSize) {
            int count = Math.min(batchSize, codes.length - first);
            rows.readRows(first, count, batch, 0);
            requireFinite(batch, count * rows.dim(), first, rows.dim());
            encoder.input().put(batch, 0, count * rows.dim());
            encoder.run(count);
            LongBuffer nearest = encoder.codes();
            FloatBuffer z = encoder.latents();
            for (int row = first; row < first + count; row++) {
                for (int level = 0; level < codes[row].length; level++) {
                    codes[row][level] = (int) nearest.get();
                }
                z.get(latents[row]);
            }
        }
    }

    private void requireFinite(float[] values, int count, int firstRow, int dim) throws IOException {
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IOException("row " + (firstRow + i / dim) + " of " + data + " holds " + values[i]
                        + ", expected finite numbers");
            }
        }
    }

    private static int distinct(int[][] codes) {
        Set<List<Integer>> distinct = new HashSet<>();
        for (int[] code : codes) {
            distinct.add(Arrays.stream(code).boxed().toList());
        }
        return distinct.size();
    }
}
