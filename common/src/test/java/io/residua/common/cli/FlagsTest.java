package io.residua.common.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class FlagsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @Command(
            name = "residua",
            subcommands = {Measure.class})
    private static final class Program {}

    @Command(name = "measure", mixinStandardHelpOptions = true)
    private static final class Measure implements Callable<Integer> {
        @Option(names = "--e_dim", required = true)
        private int eDim;

        @Option(names = "--bn", arity = "1")
        private Boolean batchNorm;

        @Option(names = "--unit")
        private TimeUnit unit = TimeUnit.NANOSECONDS;

        @Mixin
        private DataPathArguments data = new DataPathArguments();

        @Override
        public Integer call() throws IOException {
            if (eDim == 13) {
                throw new NoSuchFileException("thirteen.npy");
            }
            if (eDim == 14) {
                throw new IllegalStateException("a bug");
            }
            data.given();
            int days = unit == TimeUnit.DAYS ? 1_000 : 0;
            return days + (Boolean.TRUE.equals(batchNorm) ? 100 + eDim : eDim);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--e_dim 7, 7",
        "--e-dim 7 --bn False, 7",
        "--e_dim 7 --bn true --data-paths a.npy b.npy, 107",
        "--e_dim=7 --data_path a.npy, 7",
        "--e_dim=7 --unit days, 1007",
        "--e_dim=7 --unit DAYS, 1007"
    })
    void flagsAreTakenInBothSpellings(String words, int status) {
        // When / Then
        assertThat(run(new Measure(), words)).as(err.toString()).isEqualTo(status);
        assertThat(run(new Program(), "measure " + words)).isEqualTo(status);
        assertThat(err.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--bn True | Missing required option: '--e_dim=<eDim>'",
                "--e_dim x | Invalid value for option '--e_dim': 'x' is not an int",
                "--e_dim 7 --unit weeks | Invalid value for option '--unit': 'weeks' is none of nanoseconds, microseconds, milliseconds, seconds, minutes, hours, days",
                "--e_dim | Missing required parameter for option '--e_dim' (<eDim>)",
                "--e_dim 7 --bn maybe | Invalid value for option '--bn': 'maybe' is no truth value, expected True or False",
                "--e_dim 7 --edim 8 | there is no option --edim 8",
                "--e_dim 7 --e-dim 8 | option '--e_dim' (<eDim>) should be specified only once",
                "--e_dim 7 --data_path a --data_paths b c | --data_path and --data_paths exclude each other",
                "--e_dim 13 | there is no file thirteen.npy"
            })
    void whatIsWrongIsOneLineAndExitCodeTwo(String words, String reason) {
        for (Object command : List.of(new Measure(), new Program())) {
            // When
            err.getBuffer().setLength(0);
            int status = run(command, (command instanceof Program ? "measure " : "") + words);

            // Then
            assertThat(status).isEqualTo(2);
            assertThat(err.toString().lines()).containsExactly("measure: " + reason);
            assertThat(out.toString()).isEmpty();
        }
    }

    @Test
    void bugShowsWhereItIs() {
        // When
        int status = run(new Measure(), "--e_dim 14");

        // Then
        assertThat(status).isEqualTo(1);
        assertThat(err.toString()).contains("IllegalStateException: a bug", "at " + Measure.class.getName());
    }

    @Test
    void helpIsNoError() {
        // When / Then
        assertThat(run(new Measure(), "--help")).isZero();
        assertThat(out.toString()).contains("Usage: measure", "--e_dim, --e-dim");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void dataOfTheCheckpointAreTakenUnlessOthersAreNamed() throws Exception {
        // Given
        Path there = Files.createFile(folder.resolve("there.npy"));
        Path gone = folder.resolve("gone.npy");
        Path checkpoint = Path.of("best.pth");
        DataPathArguments none = new DataPathArguments();
        Measure other = new Measure();
        Flags.commandLine(other).parseArgs("--e_dim", "7", "--data_path", "other.npy");

        // When / Then
        assertThat(none.givenOr(checkpoint, trainedOn(there))).containsExactly(there);
        assertThat(other.data.givenOr(checkpoint, trainedOn(there))).containsExactly(Path.of("other.npy"));
        assertThat(reason(none, checkpoint, trainedOn(gone)))
                .isEqualTo(
                        "there is no file " + gone + ", which best.pth was trained on: name the file with --data_path");
        assertThat(reason(none, checkpoint, Map.of()))
                .isEqualTo("best.pth does not say which file it was trained on: name the file with --data_path");
    }

    private static Map<String, String> trainedOn(Path file) {
        return Map.of("args", "{\"data_path\": \"" + file + "\"}");
    }

    private static String reason(DataPathArguments arguments, Path checkpoint, Map<String, String> metadata) {
        try {
            return String.valueOf(arguments.givenOr(checkpoint, metadata));
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private int run(Object command, String words) {
        return Flags.commandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.split(" ", -1));
    }
}
