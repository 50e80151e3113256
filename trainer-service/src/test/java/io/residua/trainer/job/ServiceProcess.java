package io.residua.trainer.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged service in a process of its own, so that it can be killed. */
final class ServiceProcess implements AutoCloseable {
    private final Process process;

    private ServiceProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts the service.
     *
     * @param folder for its data, artifacts and log; the same again for a restart
     */
    static ServiceProcess start(String bootstrapServers, Path folder) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx256m",
                "-Dkafka.bootstrap.servers=" + bootstrapServers,
                "-Dquarkus.http.port=0",
                "-Dresidua.exit-with-parent=true",
                "-Dresidua.artifacts.root=" + folder.resolve("artifacts"),
                "-Dresidua.trainer.state-dir=" + folder.resolve("state"),
                "-Dresidua.trainer.data-root=" + Files.createDirectories(folder.resolve("data")),
                "-Dresidua.trainer.job-threads=1",
                "-Dresidua.trainer.progress-interval=100ms",
                "-jar",
                Path.of("target", "quarkus-app", "quarkus-run.jar").toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("service.log").toFile()))
                .start();
        return new ServiceProcess(process);
    }

    /** The training process, if one runs. */
    java.util.Optional<ProcessHandle> child() {
        return process.children().findFirst();
    }

    boolean isAlive() {
        return process.isAlive();
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
