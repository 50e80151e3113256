package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.npy.NpyType;
import io.residua.common.npy.NpyWriter;
import io.residua.trainer.track.Curves;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AbCommandTest {
    private static final int DIM = 6;

    @TempDir
    Path root;

    private Path data;

    @BeforeEach
    void writeData() throws IOException {
        data = root.resolve("items.npy");
        SplittableRandom random = new SplittableRandom(5);
        try (NpyWriter writer = NpyWriter.create(data, NpyType.FLOAT32, DIM)) {
            for (int i = 0; i < 200; i++) {
                float[] row = new float[DIM];
                for (int j = 0; j < DIM; j++) {
                    row[j] = (float) random.nextDouble(-1, 1);
                }
                writer.writeRow(row, 0);
            }
            writer.commit();
        }
    }

    @Test
    void everyStartIsTrainedAndCompared() throws IOException {
        // Given
        Path folder = root.resolve("ab");

        // When
        int code = ab(folder);

        // Then
        assertThat(code).isEqualTo(TrainCommand.DONE);
        List<String> csv = Files.readAllLines(folder.resolve("comparison.csv"));
        assertThat(csv).hasSize(4);
        assertThat(csv.subList(1, 4))
                .extracting(line -> line.substring(0, line.indexOf(',')))
                .containsExactly("large", "small", "none");
        assertThat(csv.subList(1, 4)).allMatch(line -> line.matches("\\w+,\\d+(,[0-9.E-]+){3},(\\d+ ){2}\\d+,.*,"));
        assertThat(folder.resolve("comparison.json")).content().contains("\"bestEpoch\"", "\"collisionRate\"");
        assertThat(folder.resolve("comparison.svg"))
                .content()
                .startsWith("<svg")
                .contains("total loss", "collision rate", "entries used, worst level", "large", "small", "none");
        for (String variant : List.of("large", "small", "none")) {
            assertThat(folder.resolve(variant).resolve("model/encoder.onnx")).exists();
            assertThat(Curves.read(folder.resolve(variant)).loss()).hasSize(6);
        }
    }

    @Test
    void comparisonGoesOnWhereItWasStopped() throws IOException {
        // Given
        Path whole = root.resolve("whole");
        Path parts = root.resolve("parts");
        ab(whole);
        assertThat(TrainCommand.run(arguments(parts.resolve("large"), "--kmeans_mode", "large")))
                .isEqualTo(TrainCommand.DONE);

        // When
        int code = ab(parts);

        // Then
        assertThat(code).isEqualTo(TrainCommand.DONE);
        // Every process that trains leaves an event file.
        assertThat(eventFiles(parts.resolve("large"))).hasSize(1);
        assertThat(withoutTimes(parts)).isEqualTo(withoutTimes(whole));
    }

    @Test
    void fileThatCannotBeWrittenStopsTheComparisonInOrder() throws IOException {
        // Given
        Path folder = root.resolve("ab");
        Files.createDirectories(folder.resolve("large/best_loss_model.json/taken"));

        PrintStream console = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        // When
        int code;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            code = ab(folder);
        } finally {
            System.setErr(console);
        }

        // Then
        assertThat(code).isEqualTo(TrainCommand.INTERRUPTED);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(line -> !line.startsWith("SLF4J"))
                .singleElement()
                .asString()
                .startsWith("ab: ")
                .contains("best_loss_model.json", "--run_dir");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--kmeans_mode large",
                "--kmeans_init False",
                "--large_scale_kmeans True",
                "--progress json",
                "--output_onnx x.onnx",
                "--init_from x.pth",
                "--save_limit 0",
                "--epochs 0",
                "--no_such 1"
            })
    void whatCannotBeComparedIsRefusedBeforeAnythingIsDone(String more) {
        // Given
        Path folder = root.resolve("ab");
        List<String> args = new ArrayList<>(List.of("--data_path", data.toString(), "--run_dir", folder.toString()));
        args.addAll(List.of(more.split(" ", -1)));

        // When
        int code = AbCommand.run(args.toArray(String[]::new));

        // Then
        assertThat(code).isEqualTo(TrainCommand.BAD_INPUT);
        assertThat(folder).doesNotExist();
    }

    private int ab(Path folder) {
        return AbCommand.run(arguments(folder));
    }

    private String[] arguments(Path folder, String... more) {
        List<String> args = new ArrayList<>(List.of("--data_path", data.toString(), "--run_dir", folder.toString()));
        args.addAll(List.of("--epochs", "6", "--eval_step", "2", "--batch_size", "64", "--device", "cpu"));
        args.addAll(List.of("--layers", "8", "--e_dim", "4", "--num_emb_list", "8", "8", "8", "--progress", "lines"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    /** The table without its column of seconds. */
    private static List<String> withoutTimes(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve("comparison.csv")).stream()
                .map(line -> line.replaceFirst(",[0-9.]+,$", ""))
                .toList();
    }

    private static List<Path> eventFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().contains("tfevents"))
                    .toList();
        }
    }
}
