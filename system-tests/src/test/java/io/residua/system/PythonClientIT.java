package io.residua.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.residua.indexer.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client that docs/lookups.md shows, as it stands there, against a served trie. */
class PythonClientIT {
    private static final Path DOCUMENT = Path.of(System.getProperty("residua.home"), "docs", "lookups.md");
    private static final String BEGIN = "```python\n";
    private static final String DOCUMENTED_URI = "http://localhost:8082/generations/nouns-1";
    private static final Duration TIMEOUT = Duration.ofSeconds(120);
    private static final int ITEMS = 60;

    @TempDir
    private Path folder;

    @Test
    void documentedLinesDecodeNothingButCodesOfItems() throws Exception {
        assumeTrue(
                python("import numpy, requests, safetensors").isSuccess(),
                "python3 cannot import numpy, requests and safetensors: pip install numpy requests safetensors");
        // Given
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        String lines = document.substring(begin, document.indexOf("```", begin));
        assertThat(lines).contains(DOCUMENTED_URI);
        try (TestSystem system = new TestSystem(folder, 1);
                ServiceProcess indexer = system.service("indexer-service", "indexer", Map.of())) {
            indexer.start();
            indexer.awaitReady();
            for (int i = 0; i < ITEMS; i++) {
                system.embedRaw("item-" + i, new float[] {i % 2 == 0 ? -10 : 10, 0.1f * (i / 2)});
            }
            system.publish(model(), "m-1");
            Poll.until("all items have codes", TIMEOUT, () -> indexer.get("/generations/m-1/index.json")
                    .filter(index -> index.contains("\"item-" + (ITEMS - 1) + "\""))
                    .isPresent());

            // When
            Run run = python(lines.replace(
                    DOCUMENTED_URI, indexer.uri("/generations/m-1").toString()));

            // Then
            assertThat(run.isSuccess()).as(run.output).isTrue();
            assertThat(run.output).startsWith("1000 of 1000 beams are items, such as item-");
        }
    }

    /** Few of the codes of three levels have an item. */
    private static TinyModel model() {
        float[] tenths = new float[2 * ITEMS / 2];
        for (int i = 0; i < tenths.length / 2; i++) {
            tenths[2 * i + 1] = 0.1f * i;
        }
        return new TinyModel(2, 2, new float[][] {{-10, 0, 10, 0}, tenths, {0, 0, 0, 0.01f, 0, 0.02f}});
    }

    private record Run(int status, String output) {
        boolean isSuccess() {
            return status == 0;
        }
    }

    private Run python(String program) throws IOException, InterruptedException {
        Path script = Files.writeString(folder.resolve("client.py"), program);
        Path output = folder.resolve("client.log");
        Process process;
        try {
            process = new ProcessBuilder("python3", script.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            return new Run(-1, e.getMessage());
        }
        try {
            boolean ended = process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return new Run(ended ? process.exitValue() : -1, Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
    }
}
