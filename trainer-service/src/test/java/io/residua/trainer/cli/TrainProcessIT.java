package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.common.safetensors.Safetensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The {@code train} command as a process of its own: what it prints, what it leaves, and what a kill costs. */
class TrainProcessIT {
    private static final int DIM = 48;

    @TempDir
    Path folder;

    private Path data;
    /** Small: what the engine holds must outlive many collections. */
    private String youngGeneration = "-Xmn4m";

    @BeforeEach
    void writeData() throws IOException {
        data = folder.resolve("data.npy");
        SplittableRandom random = new SplittableRandom(5);
        try (NpyWriter rows = NpyWriter.create(data, NpyType.FLOAT32, DIM)) {
            float[] row = new float[DIM];
            for (int i = 0; i < 3000; i++) {
                for (int j = 0; j < DIM; j++) {
                    row[j] = (float) (Math.sin(i % 40 * (j + 1)) + 0.3 * random.nextGaussian());
                }
                rows.writeRow(row, 0);
            }
            rows.commit();
        }
    }

    @Test
    @Tag("long")
    void killedRunThatIsResumedEndsBitForBitAsTheWholeOne() throws Exception {
        // Given
        Process whole = train("--data_path", data.toString(), "--run_dir", "whole");
        assertThat(finish(whole)).isZero();
        for (int epoch : new int[] {3, 9}) {
            Process killed = epoch == 3
                    ? train("--data_path", data.toString(), "--run_dir", "parts")
                    : start(
                            "train",
                            "--resume",
                            "parts",
                            "--threads",
                            "2",
                            "--progress",
                            "json",
                            "--checkpoint_every",
                            "0.02");
            awaitEpoch(killed, epoch);
            killed.destroyForcibly().waitFor();
        }

        // When
        Process resumed = start("train", "--resume", "parts", "--threads", "2");
        int code = finish(resumed);

        // Then
        assertThat(code).isZero();
        for (String name : List.of("model/checkpoint.safetensors", "best_loss_model.safetensors")) {
            assertThat(folder.resolve("parts").resolve(name))
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(name));
        }
        Safetensors expected = Safetensors.read(folder.resolve("whole/state/run.safetensors"));
        Safetensors actual = Safetensors.read(folder.resolve("parts/state/run.safetensors"));
        assertThat(actual.metadata()).isEqualTo(expected.metadata());
        assertThat(actual.tensors().keySet()).isEqualTo(expected.tensors().keySet());
        expected.tensors()
                .forEach((name, tensor) ->
                        assertThat(actual.tensor(name).bytes()).as(name).isEqualTo(tensor.bytes()));
        assertThat(names("parts")).isEqualTo(names("whole")).contains("best_collision_model.json", "model");
    }

    @Test
    void whatCannotBeTrainedWithIsOneLineOnStderr() throws Exception {
        // When
        Process process = start("train", "--data_path", "nowhere.npy", "--epochs", "3");
        int code = finish(process);

        // Then
        assertThat(code).isEqualTo(TrainCommand.BAD_INPUT);
        assertThat(Files.readAllLines(folder.resolve("stderr")))
                .singleElement()
                .asString()
                .startsWith("train: ")
                .contains("nowhere.npy");
    }

    @Test
    void trainsOnTwoFilesFromAPytorchCheckpointAndGoesOnAsItWasBegun() throws Exception {
        // Given
        Path checkpoint =
                Path.of("src", "test", "resources", "golden", "model_sk0.pth").toAbsolutePath();
        Path first = matrix("first.npy", 60);
        Path second = matrix("second.npy", 70);

        // When
        int code = finish(start(
                "train",
                "--data-paths",
                first.toString(),
                second.toString(),
                "--init_from",
                checkpoint.toString(),
                "--layers",
                "12",
                "8",
                "--e_dim",
                "4",
                "--num_emb_list",
                "5",
                "5",
                "5",
                "--epochs",
                "8",
                "--eval_step",
                "1",
                "--save_limit",
                "2",
                "--threads",
                "1",
                "--run_dir",
                "union",
                "--output_onnx",
                "encoder.onnx"));
        int resumed = finish(start("train", "--resume", "union", "--num_workers", "4"));

        // Then
        assertThat(code).as(Files.readString(folder.resolve("stderr"))).isZero();
        assertThat(resumed).as(Files.readString(folder.resolve("stderr"))).isZero();
        assertThat(folder.resolve("encoder.onnx")).hasSameBinaryContentAs(folder.resolve("union/model/encoder.onnx"));
        assertThat(Files.readString(folder.resolve("union/model/model.json"))).contains("\"rows\" : 130");
        assertThat(names("union"))
                .filteredOn(name -> name.matches("epoch_.*safetensors"))
                .hasSizeBetween(2, 4);
    }

    private Path matrix(String name, int rows) throws IOException {
        Path file = folder.resolve(name);
        SplittableRandom random = new SplittableRandom(rows);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, 16)) {
            float[] row = new float[16];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < row.length; j++) {
                    row[j] = (float) random.nextGaussian();
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
        return file;
    }

    @Test
    @Tag("long")
    void dataLargerThanMemoryTrainsInConstantMemory() throws Exception {
        // Given
        assumeThat(Files.getFileStore(folder).getUsableSpace()).isGreaterThan(6L << 30);
        Path large = folder.resolve("large.npy");
        int dim = 768;
        try (NpyWriter rows = NpyWriter.create(large, NpyType.FLOAT32, dim)) {
            float[] row = new float[dim];
            SplittableRandom random = new SplittableRandom(6);
            for (int i = 0; i < 1_000_000; i++) {
                for (int j = 0; j < dim; j++) {
                    row[j] = (i * 31 + j * 17) % 101 + (float) random.nextDouble();
                }
                rows.writeRow(row, 0);
            }
            rows.commit();
        }

        // As the launcher script has it.
        youngGeneration = "-Xmn32m";

        // When
        Process process = start(
                "train",
                "--data_path",
                large.toString(),
                "--run_dir",
                "large",
                "--progress",
                "json",
                "--epochs",
                "1",
                "--batch_size",
                "2048",
                "--layers",
                "64",
                "32",
                "--e_dim",
                "16",
                "--num_emb_list",
                "64",
                "64",
                "64",
                "--ae_epochs",
                "0",
                "--warmup_epochs",
                "0",
                "--threads",
                "2");
        List<Long> kilobytes = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int step = step(line);
                if (step > 100) {
                    kilobytes.add(anonymousMemory(process));
                }
            }
        }

        // Then
        assertThat(process.waitFor()).isZero();
        assertThat(kilobytes).hasSizeGreaterThan(20);
        long least = kilobytes.stream().mapToLong(k -> k).min().orElseThrow();
        long most = kilobytes.stream().mapToLong(k -> k).max().orElseThrow();
        assertThat(most).as("RssAnon of %s kB", kilobytes).isLessThanOrEqualTo(Math.round(1.05 * least));
    }

    private static int step(String line) {
        var news = line.startsWith("@residua ") ? ProgressJson.parse(line) : java.util.Optional.empty();
        return news.isPresent() && news.get() instanceof io.residua.trainer.run.TrainingNews.Progressed progressed
                ? progressed.step()
                : 0;
    }

    private static long anonymousMemory(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private Process train(String... where) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("train"));
        arguments.addAll(Arrays.asList(where));
        arguments.addAll(List.of("--epochs", "20", "--eval_step", "4", "--batch_size", "256", "--warmup_epochs", "2"));
        arguments.addAll(List.of("--layers", "128", "64", "--e_dim", "16", "--num_emb_list", "32", "32", "32"));
        arguments.addAll(List.of("--dropout_prob", "0.1", "--bn", "True", "--sk_epsilons", "0.0", "0.0", "0.01"));
        arguments.addAll(List.of("--threads", "2", "--progress", "json", "--checkpoint_every", "0.02"));
        return start(arguments.toArray(String[]::new));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(List.of("-Xmx1g", youngGeneration, "-XX:+UseSerialGC", "-jar"));
        command.add(Path.of("target", "quarkus-app", "quarkus-run.jar")
                .toAbsolutePath()
                .toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("stderr").toFile());
        Map<String, String> environment = builder.environment();
        environment.put("MALLOC_ARENA_MAX", "1");
        environment.put("MALLOC_MMAP_MAX_", "0");
        environment.put("MALLOC_TRIM_THRESHOLD_", "17179869184");
        return builder.start();
    }

    private static int finish(Process process) throws IOException, InterruptedException {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> {});
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    private static void awaitEpoch(Process process, int epoch) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.contains("\"news\":\"progressed\",\"epoch\":" + epoch + ",")) {
            line = lines.readLine();
        }
        assertThat(line).as("epoch %d is reached", epoch).isNotNull();
    }

    private List<String> names(String run) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(run))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("lock") && !name.startsWith("events."))
                    .sorted()
                    .toList();
        }
    }
}
