package io.residua.system;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A packaged service as a process of its own, which a test can kill. */
final class ServiceProcess implements AutoCloseable {
    private final String module;
    private final Path log;
    private final Map<String, String> properties;
    private final int port;
    private Process process;

    /**
     * A service that is not running yet.
     *
     * @param module its Maven module
     * @param log file that its output is added to
     * @param properties its settings; the HTTP port is chosen here
     */
    ServiceProcess(String module, Path log, Map<String, String> properties) {
        this.module = module;
        this.log = log;
        this.properties = new TreeMap<>(properties);
        this.port = LocalHttp.freePort();
        this.properties.put("quarkus.http.port", Integer.toString(port));
        this.properties.put("residua.exit-with-parent", "true");
    }

    /** The program of a module, as the build's package phase leaves it. */
    static Path jar(String module) {
        Path jar = Path.of(System.getProperty("residua.home"), module, "target", "quarkus-app", "quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(jar + " is missing: run the build's package phase first");
        }
        return jar;
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+IgnoreUnrecognizedVMOptions"));
        command.add("--enable-native-access=ALL-UNNAMED");
        properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
        command.addAll(List.of("-jar", jar(module).toString()));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Sends it a signal, such as {@code STOP} or {@code CONT}. */
    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("kill -" + name + " of " + module + " ended with " + status);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void awaitReady() throws IOException {
        Poll.until("service " + module + " is ready", Duration.ofSeconds(60), this::isReady);
    }

    private boolean isReady() {
        if (!process.isAlive()) {
            throw new AssertionError(module + " ended with " + process.exitValue() + ", see " + log);
        }
        return get("/q/health/ready").isPresent();
    }

    /** The address of a path of it. */
    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** What it answers under a path; empty if that is not 200. */
    Optional<String> get(String path) {
        return LocalHttp.get(port, path);
    }

    /** The HTTP status of a request without a body. */
    int request(String method, String path) throws IOException {
        return LocalHttp.request(port, method, path);
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        }
    }
}
