package io.residua.stack.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.process.ParentWatch;
import io.residua.stack.Poll;
import io.residua.stack.broker.LocalBroker;
import io.residua.stack.process.ReadinessProbe;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker in a process of its own. */
class BrokerCommandIT {
    private static final TopicPartition KEPT = new TopicPartition("kept", 0);

    @TempDir
    Path folder;

    private Process process;
    private String bootstrapServers;

    @BeforeEach
    void startProcess() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        bootstrapServers = "localhost:" + port;
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-D" + ParentWatch.PROPERTY + "=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "broker",
                        "--data",
                        folder.resolve("broker").toString(),
                        "--port",
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Poll.until("the broker is ready", ReadinessProbe.kafka(bootstrapServers));
    }

    @AfterEach
    void leaveNothing() {
        process.destroyForcibly();
    }

    @Test
    void whatWasAcknowledgedSurvivesBeingKilled() throws Exception {
        // Given
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(KEPT.topic(), 1, (short) 1)))
                    .all()
                    .get();
        }
        send(100);

        // When
        process.destroyForcibly().waitFor();

        // Then
        try (LocalBroker again = LocalBroker.start(folder.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", again.bootstrapServers()))) {
            assertThat(admin.listOffsets(Map.of(KEPT, OffsetSpec.latest()))
                            .partitionResult(KEPT)
                            .get()
                            .offset())
                    .isEqualTo(100);
        }
    }

    @Test
    void closedStandardInputEndsItInOrder() throws Exception {
        // When
        process.getOutputStream().close();

        // Then
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        // A broker that was stopped in order says so on disk.
        assertThat(folder.resolve("broker/.kafka_cleanshutdown")).exists();
        assertThat(Files.readString(folder.resolve("log")))
                .contains("broker started bootstrap.servers=" + bootstrapServers)
                .doesNotContain(" WARN ", " ERROR ");
    }

    private void send(int records) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(KEPT.topic(), "key", "value " + i))
                        .get();
            }
        }
    }
}
