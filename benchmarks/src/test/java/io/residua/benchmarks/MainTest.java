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
                "pipeline --items 0 | pipeline: --items is 0, expected 1 to 10000000",
                "pipeline --warm-up -1 | pipeline: --warm-up is -1, expected 0 to 10000000",
                "pipeline --dim -3 | pipeline: --dim is -3, expected 0 to 65536",
                "pipeline --mode same | pipeline: Invalid value for option '--mode': 'same' is none of distinct, copies",
                "pipeline --bootstrap x --pids index=1 | pipeline: --pids: process is 'index', expected one of [broker, indexer, evaluator, trainer]",
                "stages --items 0 | stages: --items is 0, expected 1 to 10000000",
                "restart --items 0 | restart: --items is 0, expected 1 to 10000000",
                "restart --changes -1 | restart: --changes is -1, expected 0 to 1000",
                "stages --held -1 | stages: --held is -1, expected 0 to 10000000",
                "pipeline --bootstrap x --items many | pipeline: Invalid value for option '--items': 'many' is not an int",
                "training --epochs 3 | training: there is no option --epochs 3",
                "training --runs 0 | training: --runs is 0 and --rounds 3, expected at least 1",
                "lookups --rate 0 | lookups: --rate is 0, --seconds 20, --warm-up 30 and --stream 200, expected at least 1",
                "trie --items 0 | trie: --items is 0, expected 1 to 50000000",
                "NoSuchKernel | bench: no kernel's name matches NoSuchKernel; expected regular expressions, pipeline, restart, stages, evaluator, generate, lookups, training or trie",
                "*( | bench: no kernel's name matches *(; expected regular expressions, pipeline, restart, stages, evaluator, generate, lookups, training or trie"
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
