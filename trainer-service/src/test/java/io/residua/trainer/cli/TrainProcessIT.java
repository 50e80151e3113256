package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.trainer.run.TrainingNews;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The {@code train} command as a process of its own: what it prints and what it leaves. */
@Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TrainProcessIT {
    @TempDir
    Path folder;

    @Test
    void whatCannotBeTrainedWithIsOneLineOnStderr() throws Exception {
        // When
        Process process = start("train", "--data_path", "nowhere.npy", "--epochs", "3");
        int code = TrainProcess.finish(process);

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
        int code = TrainProcess.finish(start(
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
        int resumed = TrainProcess.finish(start("train", "--resume", "union", "--num_workers", "4"));

        // Then
        assertThat(code).as(Files.readString(folder.resolve("stderr"))).isZero();
        assertThat(resumed).as(Files.readString(folder.resolve("stderr"))).isZero();
        assertThat(folder.resolve("encoder.onnx")).hasSameBinaryContentAs(folder.resolve("union/model/encoder.onnx"));
        assertThat(Files.readString(folder.resolve("union/model/model.json"))).contains("\"rows\" : 130");
        assertThat(TrainProcess.names(folder.resolve("union")))
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

        // When
        Process process = start(
                "train",
                "--data_path",
                large.toString(),
                "--run_dir",
                "large",
                "--progress",
                "json",
                "--checkpoint_every",
                "20",
                "--threads",
                "2");
        List<Long> kilobytes = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (int step = step(lines); step < 250; step = step(lines)) {
                if (step > 100) {
                    kilobytes.add(anonymousMemory(process));
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }

        // Then
        assertThat(kilobytes).hasSizeGreaterThan(20);
        long least = kilobytes.stream().mapToLong(k -> k).min().orElseThrow();
        long most = kilobytes.stream().mapToLong(k -> k).max().orElseThrow();
        assertThat(most).as("RssAnon of %s kB", kilobytes).isLessThanOrEqualTo(Math.round(1.05 * least));
    }

    /** The next step that the process tells of. */
    private static int step(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Optional<TrainingNews> news = line.startsWith("@residua ") ? ProgressJson.parse(line) : Optional.empty();
            if (news.orElse(null) instanceof TrainingNews.Progressed progressed) {
                return progressed.step();
            }
        }
        throw new EOFException("the process ended before");
    }

    private static long anonymousMemory(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private Process start(String... arguments) throws IOException {
        return TrainProcess.start(folder, List.of(), arguments);
    }
}
