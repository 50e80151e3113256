package io.residua.stack.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "up --port 3 | up: there is no option --port 3",
                "up --broker-port x | up: Invalid value for option '--broker-port': 'x' is not an int",
                "up --data | up: Missing required parameter for option '--data' (DIR)",
                "tour --bootstrap-server | tour: Missing required parameter for option '--bootstrap-server' (HOST:PORT)",
                "tour --clean | tour: there is no option --clean",
                "broker | broker: Missing required option: '--data=DIR'",
                "broker --data x --port many | broker: Invalid value for option '--port': 'many' is not an int",
                "--exit | residua: there is no option --exit"
            })
    void wrongArgumentIsSaidInOneLineWithExitCodeTwo(String words, String line) {
        // When
        int status = run(words);

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().lines()).containsExactly(line);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"up", "tour", "broker"})
    void everyCommandTellsItsOptions(String command) {
        // When
        int status = run(command + " --help");

        // Then
        assertThat(status).isZero();
        assertThat(out.toString()).startsWith("Usage: residua " + command);
    }

    private int run(String words) {
        CommandLine command = Main.commandLine();
        return command.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.split(" ", -1));
    }
}
