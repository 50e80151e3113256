package io.residua.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A Python script that does what it is told, a word a line, and answers with the seconds it took. */
final class Yardstick implements AutoCloseable {
    private final Process process;
    private final Writer input;
    private final BufferedReader output;

    /** Starts the script, which may take its time to get ready. */
    Yardstick(Path python, Path script, Path data, int threads) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        python.toString(),
                        script.toString(),
                        "--data_path",
                        data.toString(),
                        "--threads",
                        String.valueOf(threads))
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // As its user would start it, without what the launcher script sets for the trainer.
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("OMP_") || name.startsWith("MALLOC_") || name.startsWith("GLIBC_"));
        process = builder.start();
        input = process.outputWriter(StandardCharsets.US_ASCII);
        output = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** Has it do something. */
    double seconds(String action) throws IOException {
        input.write(action + "\n");
        input.flush();
        String answer = output.readLine();
        if (answer == null) {
            throw new IOException("the yardstick ended while it was to do: " + action);
        }
        return Double.parseDouble(answer);
    }

    @Override
    public void close() {
        process.destroy();
    }
}
