package io.residua.benchmarks.datapath;

import io.residua.common.cli.Flags;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.inference.OfflineModel;
import io.residua.common.inference.OnnxEncoder;
import io.residua.common.inference.RowEncoding;
import io.residua.common.io.DurableFiles;
import io.residua.common.npy.NpyFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.onnx.OnnxExport;
import io.residua.indexer.generate.GenerateCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How long {@code generate} takes beside encoding the same rows and doing nothing with them, which is its limit. Both take
 * turns in this process; what is compiled in the first round is what a user waits for.
 */
@Command(
        name = "generate",
        description = "Measures the command generate beside encoding alone.",
        mixinStandardHelpOptions = true)
public final class GenerateBenchmark implements Callable<Integer> {
    private static final int BATCH_SIZE = 64;
    private static final double NANOS = 1e9;

    @Option(names = "--items", defaultValue = "50000", description = "Rows (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--copies",
            defaultValue = "0.17",
            description =
                    "Share of rows that nearly copy another one, so that they collide (default: ${DEFAULT-VALUE}).")
    private double copies;

    @Option(names = "--dim", defaultValue = "384", description = "Floats per row (default: ${DEFAULT-VALUE}).")
    private int dim;

    @Option(
            names = "--strategy",
            defaultValue = "sinkhorn",
            description = "As for generate (default: ${DEFAULT-VALUE}).")
    private String strategy;

    @Option(names = "--rounds", defaultValue = "3", description = "Measurements of each (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Spec
    private CommandSpec spec;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws IOException {
        if (items < 1 || dim < 1 || rounds < 1 || !(copies >= 0 && copies < 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected --items, --dim and --rounds of at least 1 and --copies from 0 to below 1");
        }
        Path folder = Files.createTempDirectory("residua-generate");
        try {
            Path rows = writeRows(folder.resolve("rows.npy"));
            measure(writeModel(folder), rows, folder);
            return 0;
        } finally {
            DurableFiles.deleteFolder(folder);
        }
    }

    private void measure(Path model, Path rows, Path folder) throws IOException {
        double[] alone = new double[rounds];
        double[] whole = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            encode(model, rows);
            long encoded = System.nanoTime();
            String report = generate(model, rows, folder);
            whole[round] = (System.nanoTime() - encoded) / NANOS;
            alone[round] = (encoded - start) / NANOS;
            if (round == 0) {
                out.print(report);
            }
            out.printf(
                    Locale.ROOT,
                    "round %d: encoding alone %.2f s, generate %.2f s, %.2f x%n",
                    round + 1,
                    alone[round],
                    whole[round],
                    whole[round] / alone[round]);
        }
        out.printf(Locale.ROOT, "median:  %.2f x encoding alone%n", median(whole) / median(alone));
    }

    private static void encode(Path model, Path rows) throws IOException {
        try (NpyFiles files = new NpyFiles(List.of(rows));
                OnnxEncoder encoder = OfflineModel.open(model).encoder(files, new Device.Cpu(), BATCH_SIZE)) {
            RowEncoding.encode(files, encoder, batch -> {});
        }
    }

    private String generate(Path model, Path rows, Path folder) {
        StringWriter printed = new StringWriter();
        PrintWriter printer = new PrintWriter(printed, true);
        int status = Flags.commandLine(new GenerateCommand())
                .setOut(printer)
                .setErr(printer)
                .execute(
                        "--ckpt_path=" + model,
                        "--data_path=" + rows,
                        "--output_dir=" + folder,
                        "--device=cpu",
                        "--batch_size=" + BATCH_SIZE,
                        "--strategy=" + strategy);
        if (status == Flags.BAD_INPUT) {
            throw new IllegalArgumentException(printed.toString().strip());
        }
        return printed.toString();
    }

    /** Distinct rows first, then copies of them. */
    private Path writeRows(Path file) throws IOException {
        int distinct = Math.max(1, items - (int) Math.round(copies * items));
        SampleRows sample = SampleRows.read(sampleFile(), dim);
        ItemVectors originals = ItemMode.DISTINCT.vectors(sample, distinct, 1);
        SplittableRandom random = new SplittableRandom(2);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, dim)) {
            for (int item = 0; item < items; item++) {
                float[] row = originals.of(item < distinct ? item : random.nextInt(distinct));
                if (item >= distinct) {
                    ItemMode.blur(row, random);
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
        return file;
    }

    private Path writeModel(Path folder) throws IOException {
        SampleRows sample = SampleRows.read(sampleFile(), dim);
        ItemVectors items = ItemMode.DISTINCT.vectors(sample, this.items, RandomModel.SEED);
        RandomModel model = RandomModel.fitted(RandomModel.referenceShape(dim), items, folder);
        Path files = Files.createDirectory(folder.resolve("model"));
        Files.write(files.resolve(ModelManifest.ENCODER), OnnxExport.encoder(model.checkpoint()));
        model.checkpoint().write(files.resolve(ModelManifest.CHECKPOINT));
        return files;
    }

    private static Path sampleFile() {
        return Path.of(System.getProperty("residua.home", "."), "samples/wordnet-nouns/embeddings.f16.npy");
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
