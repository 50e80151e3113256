package io.residua.trainer.job;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The packaged service in a process of its own, so that it can be killed. */
final class ServiceProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("Listening on: (http://[0-9.:]+)");
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Process process;
    private final Path log;

    private ServiceProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts the service.
     *
     * @param folder for its data, artifacts and log; the same again for a restart
     */
    static ServiceProcess start(String bootstrapServers, Path folder) throws IOException {
        return start(bootstrapServers, folder, "state");
    }

    /**
     * Starts a replica of the service.
     *
     * @param state name of the folder that is its own
     */
    static ServiceProcess start(String bootstrapServers, Path folder, String state) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx256m",
                "-Dkafka.bootstrap.servers=" + bootstrapServers,
                "-Dquarkus.http.port=0",
                "-Dresidua.exit-with-parent=true",
                "-Dresidua.artifacts.root=" + folder.resolve("artifacts"),
                "-Dresidua.trainer.state-dir=" + folder.resolve(state),
                "-Dresidua.trainer.data-root=" + Files.createDirectories(folder.resolve("data")),
                "-Dresidua.trainer.job-threads=1",
                "-Dresidua.trainer.progress-interval=100ms",
                "-jar",
                Path.of("target", "quarkus-app", "quarkus-run.jar").toString()));
        Path log = folder.resolve(state + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new ServiceProcess(process, log);
    }

    /** The training process, if one runs. */
    Optional<ProcessHandle> child() {
        return process.children().findFirst();
    }

    /** Where it answers HTTP; waits until it does. */
    URI address() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<URI> newest = ADDRESS.matcher(Files.readString(log))
                    .results()
                    .map(match -> URI.create(match.group(1)))
                    .reduce((first, second) -> second);
            if (newest.isPresent()) {
                return newest.get();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("the service does not listen: " + Files.readString(log));
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
