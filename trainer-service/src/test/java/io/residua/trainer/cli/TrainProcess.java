package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
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

/** Starts the packaged service's commands as the launcher script does. */
final class TrainProcess {
    private TrainProcess() {}

    /**
     * Starts a command.
     *
     * @param folder where it runs; its errors go to the file {@code stderr} there
     * @param options of its JVM, beyond those that any training has
     */
    static Process start(Path folder, List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(TrainingProcess.JVM_OPTIONS);
        command.addAll(options);
        command.addAll(List.of("-Xmx1g", "-jar"));
        command.add(Path.of("target", "quarkus-app", "quarkus-run.jar")
                .toAbsolutePath()
                .toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("stderr").toFile());
        Map<String, String> environment = builder.environment();
        environment.putAll(TrainingProcess.settings(environment));
        return builder.start();
    }

    /** Reads what it prints to its end, and returns its exit code. */
    static int finish(Process process) throws IOException, InterruptedException {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> {});
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    /** Reads what it prints until a line contains this. */
    static void await(Process process, String wanted) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.contains(wanted)) {
            line = lines.readLine();
        }
        assertThat(line).as("a line with %s", wanted).isNotNull();
    }

    /** Names of what is in a folder. */
    static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Writes rows around forty centres. */
    static void writeRows(Path file, int rows, int dim) throws IOException {
        SplittableRandom random = new SplittableRandom(5);
        try (NpyWriter writer = NpyWriter.create(file, NpyType.FLOAT32, dim)) {
            float[] row = new float[dim];
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < dim; j++) {
                    row[j] = (float) (Math.sin(i % 40 * (j + 1)) + 0.3 * random.nextGaussian());
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
    }
}
