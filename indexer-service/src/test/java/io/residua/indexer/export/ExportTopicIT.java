package io.residua.indexer.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.cli.Flags;
import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.Resolution;
import io.residua.common.event.SemanticIds;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.safetensors.Safetensors;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.indexer.model.TinyModel;
import io.residua.indexer.topic.TopicNames;
import io.residua.stack.broker.LocalBroker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports the codes of a topic that has deletions, changed and reassigned codes, and an aborted transaction. */
class ExportTopicIT {
    private static final String VERSION = "v1";
    private static final String CODES = "item-codes-v1";

    @TempDir
    static Path folder;

    private static LocalBroker broker;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void publish() throws Exception {
        broker = LocalBroker.start(folder.resolve("broker"), 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new Topics(admin, TopicNames.configured())
                    .ensure(TopicSpec.compacted("models", 1), TopicSpec.compacted(CODES, 2));
        }
        TinyModel model = new TinyModel(4, 1, new float[][] {{0, 1}, {0, 1}, {0, 1, 2}});
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "transactional.id",
                "export-it",
                "enable.idempotence",
                true);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            byte[] published = Json.write(model.publish(
                    new DirectoryArtifactStore(folder.resolve("artifacts")),
                    VERSION,
                    Files.createDirectory(folder.resolve("model"))));
            producer.send(new ProducerRecord<>("models", VERSION.getBytes(UTF_8), published));
            send(producer, 0, "stays", 1, 0, 0, 2);
            send(producer, 1, "moved, twice", 2, 1, 1, 0);
            send(producer, 1, "moved, twice", 3, 1, 0, 1);
            send(producer, 0, "deleted", 4, 1, 1, 2);
            producer.send(new ProducerRecord<>(CODES, 0, "deleted".getBytes(UTF_8), null));
            send(producer, 0, "former holder", 5, 0, 1, 1);
            send(producer, 1, "present holder", 6, 0, 1, 1);
            producer.commitTransaction();
            producer.beginTransaction();
            send(producer, 0, "aborted", 7, 0, 0, 1);
            producer.flush();
            producer.abortTransaction();
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void committedCodesOfLiveItemsAreExported() throws Exception {
        // Given
        Path index = folder.resolve("index.json");

        // When
        int status = export(VERSION, index);

        // Then
        assertThat(status).as(err.toString()).isZero();
        ItemIndex items = IndexFile.read(index);
        assertThat(items.ids()).containsExactly("moved, twice", "present holder", "stays");
        assertThat(items.codes()).containsExactly(1, 0, 1, 0, 1, 1, 0, 0, 2);
        assertThat(err.toString().strip())
                .isEqualTo("export: 1 items left out: their codes have been given to other items meanwhile");
    }

    @Test
    void trieSaysItsModelAndHowFarItIs() throws Exception {
        // Given
        Path trie = folder.resolve("trie.safetensors");

        // When
        int status = export(VERSION, trie);

        // Then
        assertThat(status).as(err.toString()).isZero();
        assertThat(Safetensors.read(trie).metadata())
                .containsEntry("model_version", VERSION)
                .containsEntry("codebook_sizes", "[2, 2, 3]")
                .containsEntry("items", "3")
                .containsKey("offsets");
    }

    @Test
    void modelThatIsNotKnownIsNamed() {
        // When
        int status = export("v2", folder.resolve("none.csv"));

        // Then
        assertThat(status).isEqualTo(2);
        assertThat(err.toString().strip()).isEqualTo("export: topic models has no model v2");
    }

    private int export(String version, Path file) {
        return Flags.commandLine(new ExportCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("--bootstrap", broker.bootstrapServers(), "--version", version, "--output", file.toString());
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer, int partition, String item, long claim, Integer... code) {
        List<Integer> codes = List.of(code);
        Instant time = Instant.EPOCH;
        ItemCode value = new ItemCode(
                item,
                VERSION,
                codes,
                SemanticIds.tokens(codes),
                codes,
                claim,
                Resolution.NEAREST,
                0,
                0,
                1,
                0,
                0,
                time,
                time);
        producer.send(new ProducerRecord<>(CODES, partition, item.getBytes(UTF_8), Json.write(value)));
    }
}
