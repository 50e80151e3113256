package io.residua.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the command {@code verify} as an operator does. */
final class Verifier {
    private static final int MINUTES = 15;

    private Verifier() {}

    /** How it ended, and everything it printed. */
    record Verdict(int exitCode, String output) {}

    /** Runs it and returns when it has ended. */
    static Verdict run(Path folder, String bootstrapServers, String... options)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile(folder, "verify-", ".log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-jar",
                ServiceProcess.jar("indexer-service").toString(),
                "verify",
                "--bootstrap",
                bootstrapServers));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                throw new AssertionError("verify did not end within " + MINUTES + " minutes");
            }
        } finally {
            process.destroyForcibly();
        }
        return new Verdict(process.exitValue(), Files.readString(log));
    }
}
