package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with the arguments of {@code train}, {@code ab} and {@code convert}. */
class WrongArgumentsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train | --epochs 3 | --data_path is missing",
                "train | --data_path a.npy --data_paths b.npy c.npy | --data_path and --data_paths exclude each other",
                "train | --data_path none.npy | there is no file none.npy",
                "train | --data_path | Missing required parameter for option '--data_path' (FILE)",
                "train | --data_path a.npy --epochs x | Invalid value for option '--epochs': 'x' is not an int",
                "train | --data_path a.npy --bn maybe | Invalid value for option '--bn': 'maybe' is no truth value, expected True or False",
                "train | --data_path a.npy --epoch 3 | there is no option --epoch 3",
                "ab | --epochs 3 | --data_path is missing",
                "ab | --data_path a.npy --epochs x | Invalid value for option '--epochs': 'x' is not an int",
                "ab | --data_path a.npy --epoch 3 | there is no option --epoch 3",
                "convert | --output_dir model | Missing required option: '--ckpt_path=FILE'",
                "convert | --ckpt_path none.pth | Missing required option: '--output_dir=DIR'",
                "convert | --ckpt_path none.pth --output_dir model | none.pth does not exist",
                "convert | --ckpt_path a --output_dir model --device cpu | there is no option --device cpu"
            })
    void areSaidInOneLineWithExitCodeTwo(String command, String arguments, String reason) {
        // Given
        String[] words =
                (arguments + (command.equals("convert") ? "" : " --run_dir " + folder.resolve("run"))).split(" ", -1);
        // --data_path without a value must be last.
        String[] args = arguments.endsWith("--data_path") ? new String[] {arguments} : words;
        PrintStream console = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        // When
        int status;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            status = switch (command) {
                case "train" -> TrainCommand.run(args);
                case "ab" -> AbCommand.run(args);
                default -> ConvertCommand.run(System.out, System.err, args);
            };
        } finally {
            System.setErr(console);
        }

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .startsWith(command + ": ")
                .contains(reason);
        assertThat(folder).isEmptyDirectory();
    }
}
