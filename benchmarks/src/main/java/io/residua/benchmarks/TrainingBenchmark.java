package io.residua.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residua.common.device.Device;
import io.residua.common.io.DurableFiles;
import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.trainer.cli.TrainingProcess;
import io.residua.trainer.model.Torch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How fast training is: an epoch, an evaluation of all rows and the k-means start of the codebooks, beside the rate at
 * which this machine multiplies large matrices, and on request beside the same in Python. All take turns, so that a
 * machine whose speed changes is fair to all of them.
 */
@Command(name = "training", description = "Measures training.", mixinStandardHelpOptions = true)
final class TrainingBenchmark implements Callable<Integer> {
    /** The command of {@link TrainingTurns}. */
    static final String TURNS = "training-turns";

    private static final int GEMM_SIZE = 3072;

    @Option(names = "--dims", arity = "1..*", description = "Floats per row (default: 384 768 4096).")
    private List<Integer> dims = List.of(384, 768, 4096);

    @Option(names = "--rows", defaultValue = "8192", description = "Rows (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--runs", defaultValue = "3", description = "Runs, each with k-means (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--rounds", defaultValue = "3", description = "Turns in each run (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--threads", defaultValue = "2", description = "CPU threads (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--yardstick",
            paramLabel = "PYTHON",
            description = "A Python with torch and scikit-learn, to run the yardstick with.")
    private Path python;

    @Option(
            names = "--script",
            defaultValue = "benchmarks/yardstick/rqvae_epoch.py",
            description = "The yardstick (default: ${DEFAULT-VALUE}).")
    private Path script;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (runs < 1 || rounds < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--runs is " + runs + " and --rounds " + rounds + ", expected at least 1");
        }
        Path folder = Files.createTempDirectory("residua-training");
        try (NDManager manager = Torch.open(new Device.Cpu())) {
            Torch.threads(threads);
            NDArray matrix = manager.randomNormal(new Shape(GEMM_SIZE, GEMM_SIZE));
            for (int dim : dims) {
                Path data = folder.resolve(dim + ".npy");
                write(data, dim);
                measure(dim, data, folder, matrix);
            }
            return 0;
        } finally {
            DurableFiles.deleteFolder(folder);
        }
    }

    private void measure(int dim, Path data, Path folder, NDArray matrix) throws IOException, InterruptedException {
        System.out.printf(Locale.ROOT, "%,d rows of %d floats, batches of 2048, %d threads%n", rows, dim, threads);
        List<Double> products = new ArrayList<>();
        Times parity = new Times();
        Times defaults = new Times();
        Times reference = new Times();
        for (int run = 0; run < runs; run++) {
            try (Worker one = trainer(data, folder.resolve("parity"), "--parity");
                    Worker other = trainer(data, folder.resolve("defaults"), "--ae_epochs", "1");
                    Worker yardstick = python == null ? null : yardstick(data)) {
                Map<Worker, Times> workers = new LinkedHashMap<>();
                if (yardstick != null) {
                    workers.put(yardstick, reference);
                }
                workers.put(one, parity);
                workers.put(other, defaults);
                turn("kmeans", workers);
                for (Worker worker : workers.keySet()) {
                    // Whoever does something for the first time waits for memory: that does not count.
                    worker.seconds("epoch");
                    worker.seconds("evaluation");
                }
                for (int round = 0; round < rounds; round++) {
                    products.add(product(matrix));
                    turn("epoch", workers);
                    turn("evaluation", workers);
                }
            }
            DurableFiles.deleteFolder(folder.resolve("parity"));
            DurableFiles.deleteFolder(folder.resolve("defaults"));
        }
        double work = flops(dim) / (2.0 * GEMM_SIZE * GEMM_SIZE * GEMM_SIZE);
        List<Double> limits = products.stream().map(seconds -> seconds * work).toList();
        System.out.printf(Locale.ROOT, "  large products run at %.1f GFLOP/s%n", flops(dim) / median(limits) / 1e9);
        print("--parity", parity, limits, reference);
        print("defaults", defaults, limits, reference);
        if (python != null) {
            print("yardstick", reference, limits, new Times());
        }
    }

    /** Everyone does the same, one after the other. */
    private static void turn(String action, Map<Worker, Times> workers) throws IOException {
        for (Map.Entry<Worker, Times> worker : workers.entrySet()) {
            worker.getValue().of(action).add(worker.getKey().seconds(action));
        }
    }

    /** Seconds, turn by turn. */
    private record Times(List<Double> epochs, List<Double> evaluations, List<Double> kmeans) {
        Times() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        List<Double> of(String action) {
            return switch (action) {
                case "epoch" -> epochs;
                case "evaluation" -> evaluations;
                default -> kmeans;
            };
        }
    }

    /** Training with some options, in a JVM as the launcher script starts it. */
    private Worker trainer(Path data, Path folder, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), TURNS));
        command.addAll(List.of(data.toString(), folder.toString(), String.valueOf(threads)));
        command.addAll(List.of(options));
        command.addAll(
                List.of("--epochs", "1000", "--warmup_epochs", "0", "--eval_step", "2", "--weight_decay", "1e-4"));
        command.addAll(List.of("--num_emb_list", "256", "256", "256", "256"));
        return new Worker(command, Set.of());
    }

    /** The yardstick as its user would start it, without what the launcher script sets for the trainer. */
    private Worker yardstick(Path data) throws IOException {
        List<String> command = List.of(
                python.toString(),
                script.toString(),
                "--data_path",
                data.toString(),
                "--threads",
                String.valueOf(threads));
        return new Worker(command, TrainingProcess.settings(Map.of()).keySet());
    }

    private void print(String name, Times times, List<Double> limits, Times yardstick) {
        System.out.printf(
                Locale.ROOT,
                "  %-10s epoch %7.3f s  %,8.0f rows/s  %.2f of the products' rate  evaluation %.3f s  k-means %.3f s%n",
                name,
                median(times.epochs),
                rows / median(times.epochs),
                ratio(limits, times.epochs),
                median(times.evaluations),
                median(times.kmeans));
        if (!yardstick.epochs.isEmpty()) {
            System.out.printf(
                    Locale.ROOT,
                    "  %-10s epoch %.2f x, evaluation %.2f x, k-means %.2f x the yardstick's time%n",
                    "",
                    ratio(times.epochs, yardstick.epochs),
                    ratio(times.evaluations, yardstick.evaluations),
                    ratio(times.kmeans, yardstick.kmeans));
        }
    }

    /** The median of the ratios of what was measured in the same turns. */
    private static double ratio(List<Double> times, List<Double> others) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            ratios.add(times.get(i) / others.get(i));
        }
        return median(ratios);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
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

    private static double product(NDArray matrix) {
        long start = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            matrix.matMul(matrix).close();
        }
        return (System.nanoTime() - start) / 3e9;
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
