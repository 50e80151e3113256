package io.residua.stack.up;

import io.residua.common.process.ParentWatch;
import io.residua.stack.StackException;
import io.residua.stack.process.Program;
import io.residua.stack.process.ReadinessProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Builds the command lines of the local installation's programs. They use free ports of localhost and one data folder.
 */
final class Programs {
    static final String TRAINER = "trainer";
    static final String INDEXER = "indexer";
    static final String EVALUATOR = "evaluator";
    private static final String HOST = "127.0.0.1";
    /**
     * These heaps are small, and the processes share a machine: a parallel collector of one stops all others on two cores.
     */
    private static final String SERIAL_COLLECTOR = "-XX:+UseSerialGC";

    private static final String C1_ONLY = "-XX:TieredStopAtLevel=1";

    private final Installation installation;
    private final DataFolder data;
    private final boolean optimiseFully;
    private final int brokerPort;
    private final Map<String, URI> services = new TreeMap<>();

    /**
     * Creates command lines; starts nothing.
     *
     * @param brokerPort port of the broker, 0 for any free one
     * @param optimiseFully whether broker and services use both of the JVM's compilers (C1 and C2) instead of C1 alone.
     *     While five processes start on few cores, C2 would take most of their CPU time
     */
    Programs(Installation installation, DataFolder data, int brokerPort, boolean optimiseFully) {
        this.installation = installation;
        this.data = data;
        this.optimiseFully = optimiseFully;
        this.brokerPort = brokerPort == 0 ? freePort() : brokerPort;
        List.of(TRAINER, INDEXER, EVALUATOR).forEach(this::address);
    }

    /** Fails if a service has not been built. */
    void requireBuiltServices() {
        List.of(TRAINER, INDEXER, EVALUATOR).forEach(service -> installation.jarOf(service + "-service"));
    }

    String bootstrapServers() {
        return "localhost:" + brokerPort;
    }

    /** Base URI of each service by its name. */
    Map<String, URI> addresses() {
        return services;
    }

    private URI address(String name) {
        return services.computeIfAbsent(name, key -> URI.create("http://" + HOST + ":" + freePort()));
    }

    Program broker() {
        List<String> command =
                java("broker", "512m", Map.of("java.util.logging.manager", "org.jboss.logmanager.LogManager"));
        addCompiler(command);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("broker", "--data", data.broker().toString(), "--port", Integer.toString(brokerPort)));
        return new Program("broker", command, data.log("broker"), ReadinessProbe.kafka(bootstrapServers()));
    }

    List<Program> services() {
        String trainingData = create(data.state("training-data")).toString();
        return List.of(
                service(
                        TRAINER,
                        TRAINER,
                        "1g",
                        Map.of("residua.trainer.data-root", trainingData, "residua.trainer.state-dir", state(TRAINER))),
                indexer(INDEXER, Map.of()),
                service(EVALUATOR, EVALUATOR, "512m", Map.of("residua.evaluator.state-dir", state(EVALUATOR))));
    }

    /**
     * A replica of the indexer.
     *
     * @param replica its name; its state is kept under it
     * @param more configuration beside what all replicas have
     */
    Program indexer(String replica, Map<String, String> more) {
        Map<String, String> properties = new TreeMap<>(more);
        properties.put("residua.index.encode-threads", "1");
        properties.put("residua.index.state-dir", state(replica));
        return service(replica, INDEXER, "1g", properties);
    }

    private String state(String name) {
        return create(data.state(name)).toString();
    }

    private Program service(String name, String service, String heap, Map<String, String> more) {
        URI address = address(name);
        Map<String, String> properties = new TreeMap<>(more);
        properties.put("kafka.bootstrap.servers", bootstrapServers());
        properties.put("quarkus.http.host", HOST);
        properties.put("quarkus.http.port", Integer.toString(address.getPort()));
        properties.put("residua.artifacts.root", create(data.artifacts()).toString());
        List<String> command = java(name, heap, properties);
        addCompiler(command);
        command.addAll(List.of("-jar", installation.jarOf(service + "-service").toString()));
        return new Program(name, command, data.log(name), ReadinessProbe.http(address.resolve("/q/health/ready")));
    }

    private void addCompiler(List<String> command) {
        if (!optimiseFully) {
            command.add(C1_ONLY);
        }
    }

    private List<String> java(String name, String heap, Map<String, String> properties) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError", SERIAL_COLLECTOR));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        if (Runtime.version().feature() >= 24) {
            // Kafka's client unmaps its buffers that way; the JDK would print four lines about it in every log.
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        Map<String, String> all = new TreeMap<>(properties);
        all.put(ParentWatch.PROPERTY, "true");
        all.put("java.io.tmpdir", data.temporary(name).toString());
        all.forEach((key, value) -> command.add("-D" + key + "=" + value));
        return command;
    }

    private static Path create(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new StackException("cannot create " + folder + ": " + e, e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new StackException("no free port: " + e.getMessage(), e);
        }
    }
}
