package io.residua.system;

import io.residua.common.process.ParentWatch;
import io.residua.stack.process.ReadinessProbe;
import io.residua.stack.up.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A broker in a process of its own, which a test can kill and start again on its data. */
final class BrokerProcess implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

    private final Path folder;
    private final int port = LocalHttp.freePort();
    private Process process;

    /** A broker that is not running yet, with data and log in {@code folder}. */
    BrokerProcess(Path folder) {
        this.folder = folder;
    }

    String bootstrapServers() {
        return "localhost:" + port;
    }

    /** Starts it and returns when it answers. */
    void start() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-D" + ParentWatch.PROPERTY + "=true",
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "broker",
                "--data",
                folder.resolve("broker").toString(),
                "--port",
                Integer.toString(port));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("broker.log").toFile()))
                .start();
        Poll.until("the broker answers", START_TIMEOUT, ReadinessProbe.kafka(bootstrapServers()));
    }

    /** Ends it as {@code kill -9} does. */
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
