package io.residua.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.residua.common.device.Device;
import io.residua.common.io.DurableFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.trainer.cli.TrainArguments;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.RowFiles;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How fast an epoch of training is: beside the rate at which this machine multiplies large matrices, measured in the same
 * run, and on request beside the same training in Python.
 */
@Command(name = "training", description = "Measures training.", mixinStandardHelpOptions = true)
final class TrainingBenchmark implements Callable<Integer> {
    private static final int GEMM_SIZE = 3072;

    @Option(names = "--dims", arity = "1..*", description = "Floats per row (default: 384 768 4096).")
    private List<Integer> dims = List.of(384, 768, 4096);

    @Option(names = "--rows", defaultValue = "10000", description = "Rows (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--epochs", defaultValue = "5", description = "Epochs measured (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(names = "--threads", defaultValue = "2", description = "CPU threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--yardstick",
            paramLabel = "PYTHON",
            description = "A Python with torch, to run the yardstick with.")
    private Path python;

    @Option(
            names = "--script",
            defaultValue = "benchmarks/yardstick/rqvae_epoch.py",
            description = "The yardstick (default: ${DEFAULT-VALUE}).")
    private Path script;

    /** Seconds. */
    private record Times(double epoch, double evaluation, double kmeans) {}

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("residua-training");
        try {
            for (int dim : dims) {
                Path data = folder.resolve(dim + ".npy");
                write(data, dim);
                measure(dim, data, folder);
            }
            return 0;
        } finally {
            DurableFiles.deleteFolder(folder);
        }
    }

    private void measure(int dim, Path data, Path folder) throws IOException, InterruptedException {
        System.out.printf(Locale.ROOT, "%,d rows of %d floats, batches of 2048, %d threads%n", rows, dim, threads);
        double gemm = gemmRate();
        Times parity = train(data, folder.resolve(dim + "-parity"), "--parity");
        Times defaults = train(data, folder.resolve(dim + "-defaults"), "--ae_epochs", "1");
        Times yardstick = python == null ? null : yardstick(data);
        gemm = Math.max(gemm, gemmRate());
        System.out.printf(Locale.ROOT, "  large products run at %.1f GFLOP/s%n", gemm);
        print("--parity", parity, dim, gemm, yardstick);
        print("defaults", defaults, dim, gemm, yardstick);
        if (yardstick != null) {
            print("yardstick", yardstick, dim, gemm, null);
        }
    }

    private void print(String name, Times times, int dim, double gemm, Times yardstick) {
        System.out.printf(
                Locale.ROOT,
                "  %-10s epoch %7.3f s  %,8.0f rows/s  %.2f of the products' rate  evaluation %.3f s  k-means %.3f s%n",
                name,
                times.epoch,
                rows / times.epoch,
                flops(dim) / times.epoch / 1e9 / gemm,
                times.evaluation,
                times.kmeans);
        if (yardstick != null) {
            System.out.printf(
                    Locale.ROOT,
                    "  %-10s epoch %.2f x, evaluation %.2f x, k-means %.2f x the yardstick's time%n",
                    "",
                    times.epoch / yardstick.epoch,
                    times.evaluation / yardstick.evaluation,
                    times.kmeans / yardstick.kmeans);
        }
    }

    /** Of the linear layers of an epoch: three products each, but none for the gradient of the input. */
    private double flops(int dim) {
        int[] widths = {dim, 2048, 1024, 512, 256, 128, 64, 32};
        double products = 0;
        for (int i = 0; i + 1 < widths.length; i++) {
            products += 2.0 * widths[i] * widths[i + 1];
        }
        return rows * (6 * products - 2.0 * widths[0] * widths[1]);
    }

    private double gemmRate() {
        try (NDManager manager = Torch.open(new Device.Cpu())) {
            Torch.threads(threads);
            NDArray matrix = manager.randomNormal(new Shape(GEMM_SIZE, GEMM_SIZE));
            double best = Double.MAX_VALUE;
            for (int i = 0; i < 6; i++) {
                long start = System.nanoTime();
                matrix.matMul(matrix).close();
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
            }
            return 2.0 * GEMM_SIZE * GEMM_SIZE * GEMM_SIZE / best / 1e9;
        }
    }

    private Times train(Path data, Path folder, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(more));
        // One epoch to warm up, one that begins with k-means.
        int all = epochs + 2;
        arguments.addAll(List.of("--epochs", String.valueOf(all), "--warmup_epochs", "0", "--eval_step", "1000"));
        arguments.addAll(List.of("--num_emb_list", "256", "256", "256", "256", "--separate_collisions", "false"));
        TrainingOptions options =
                TrainArguments.parse(arguments.toArray(String[]::new)).options();
        Watch watch = new Watch();
        try (RowFiles files = new RowFiles(List.of(data));
                NDManager manager = Torch.open(new Device.Cpu())) {
            Torch.threads(threads);
            TrainingRun.Keeping keeping = new TrainingRun.Keeping(folder, 1, Duration.ofHours(1));
            new TrainingRun(options, Dataset.scan(files), keeping, watch, manager).run(() -> false);
        }
        DurableFiles.deleteFolder(folder);
        return watch.times(options.recipe().autoencoderEpochs());
    }

    /** Notes when epochs end. */
    private static final class Watch implements TrainingNews.Listener {
        private final List<Double> epochs = new ArrayList<>();
        private long last;
        private double evaluation;

        @Override
        public void on(TrainingNews news) {
            double passed = (System.nanoTime() - last) / 1e9;
            if (news instanceof TrainingNews.Progressed progressed && progressed.step() == 0) {
                epochs.add(passed);
            } else if (news instanceof TrainingNews.Evaluated) {
                evaluation = passed;
            } else if (!(news instanceof TrainingNews.Started)) {
                return;
            }
            last = System.nanoTime();
        }

        /** The times, k-means having come before epoch {@code quantisedFrom}. */
        Times times(int quantisedFrom) {
            List<Double> measured = new ArrayList<>(epochs.subList(2, epochs.size()));
            Collections.sort(measured);
            double epoch = measured.get(measured.size() / 2);
            return new Times(epoch, evaluation, epochs.get(quantisedFrom) - epoch);
        }
    }

    private Times yardstick(Path data) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        python.toString(),
                        script.toString(),
                        "--data_path",
                        data.toString(),
                        "--threads",
                        String.valueOf(threads),
                        "--epochs",
                        String.valueOf(epochs))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // As its user would start it, without what the launcher script sets for the trainer.
        builder.environment().keySet().removeIf(name -> name.startsWith("OMP_") || name.startsWith("MALLOC_"));
        Process process = builder.start();
        JsonNode times = new ObjectMapper().readTree(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("the yardstick failed: " + python + " " + script);
        }
        return new Times(
                times.get("epoch").asDouble(),
                times.get("evaluation").asDouble(),
                times.get("kmeans").asDouble());
    }

    /** Rows around 256 centres. */
    private void write(Path file, int dim) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        float[][] centres = new float[256][dim];
        for (float[] centre : centres) {
            for (int i = 0; i < dim; i++) {
                centre[i] = (float) random.nextGaussian();
            }
        }
        float[] row = new float[dim];
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, dim)) {
            for (int i = 0; i < rows; i++) {
                float[] centre = centres[random.nextInt(centres.length)];
                for (int j = 0; j < dim; j++) {
                    row[j] = centre[j] + (float) (0.3 * random.nextGaussian());
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
    }
}
