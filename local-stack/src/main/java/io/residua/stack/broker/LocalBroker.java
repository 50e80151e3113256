package io.residua.stack.broker;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Apache Kafka node, broker and KRaft controller in one, in this JVM. It listens on localhost only and keeps
 * everything in one folder. It formats a new folder and continues with an existing one, also after {@code kill -9}.
 * Topics are not created automatically. Thread-safe.
 */
public final class LocalBroker implements AutoCloseable {
    private static final String HOST = "localhost";

    private final Path data;
    private final int port;
    private KafkaRaftServer server;

    private LocalBroker(Path data, int port) {
        this.data = data;
        this.port = port;
    }

    /**
     * Starts a broker and returns once it serves clients.
     *
     * @param data data folder, created if missing; no other broker may use it
     * @param port port to listen on, 0 for any free one; {@link #stop} and {@link #start} keep it
     * @throws IOException if the folder cannot be written or the port is taken
     */
    public static LocalBroker start(Path data, int port) throws IOException {
        requireNonNull(data, "data is null");
        LocalBroker broker = new LocalBroker(data.toAbsolutePath(), port == 0 ? freePort() : port);
        broker.start();
        return broker;
    }

    /** The value for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /**
     * Starts the broker again on its folder and port after {@link #stop}; does nothing while it runs.
     *
     * @throws IOException if the folder cannot be written or the port is taken
     */
    public synchronized void start() throws IOException {
        if (server != null) {
            return;
        }
        BrokerLogs.quieten();
        requireFree(port);
        format();
        KafkaRaftServer starting = new KafkaRaftServer(
                KafkaConfig.fromProps(BrokerSettings.of(data, HOST, port, freePort())), Time.SYSTEM);
        try {
            starting.startup();
        } catch (RuntimeException e) {
            starting.shutdown();
            throw new IOException("broker on port " + port + " did not start: " + e.getMessage(), e);
        }
        server = starting;
    }

    /** Stops the broker in order and returns once it has stopped. Its folder and port stay. */
    public synchronized void stop() {
        if (server != null) {
            server.shutdown();
            server.awaitShutdown();
            server = null;
        }
    }

    /** Stops the broker. */
    @Override
    public void close() {
        stop();
    }

    private void format() throws IOException {
        Files.createDirectories(data);
        if (Files.exists(data.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
            return;
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(out)
                    .setNodeId(BrokerSettings.NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .setMetadataLogDirectory(data.toString())
                    .addDirectory(data.toString())
                    .run();
        } catch (Exception e) {
            throw new IOException("cannot format " + data + " for a broker: " + e.getMessage(), e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    private static void requireFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(HOST, port));
        } catch (IOException e) {
            throw new IOException("port " + port + " is taken", e);
        }
    }
}
