package io.residua.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** A process that does what it is told, a word a line, and answers with the seconds it took. */
final class Worker implements AutoCloseable {
    private final List<String> command;
    private final Process process;
    private final Writer input;
    private final BufferedReader output;

    /**
     * Starts a command, which may take its time to get ready.
     *
     * @param without names that its environment does not get
     */
    Worker(List<String> command, Set<String> without) throws IOException {
        this.command = command;
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeAll(without);
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
            throw new IOException("the process ended when it was to do " + action + ": " + String.join(" ", command));
        }
        return Double.parseDouble(answer);
    }

    /** Ends it. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
