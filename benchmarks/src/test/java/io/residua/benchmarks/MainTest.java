package io.residua.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pipeline | pipeline: Missing required option: '--bootstrap=<bootstrap>'",
                "pipeline --bootstrap x --items many | pipeline: Invalid value for option '--items': 'many' is not an int",
                "training --epochs 3 | training: there is no option --epochs 3",
                "training --runs 0 | training: --runs is 0 and --rounds 3, expected at least 1",
                "NoSuchKernel | bench: no kernel's name matches NoSuchKernel; expected regular expressions, pipeline or training",
                "*( | bench: no kernel's name matches *(; expected regular expressions, pipeline or training"
            })
    void wrongArgumentIsSaidInOneLineWithExitCodeTwo(String words, String line) throws Exception {
        // Given
        PrintStream console = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();

        // When
        int status;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            status = Main.run(words.split(" ", -1));
        } finally {
            System.setErr(console);
        }

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(errors.toString(StandardCharsets.UTF_8).lines()).containsExactly(line);
    }
}
