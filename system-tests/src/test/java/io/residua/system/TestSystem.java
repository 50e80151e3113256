package io.residua.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.artifact.ArtifactStores;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import io.residua.indexer.model.TinyModel;
import io.residua.stack.broker.LocalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker, an artifact store and the topics, for services that a test starts itself. */
final class TestSystem implements AutoCloseable {
    private final Path folder;
    private final AutoCloseable broker;
    private final String bootstrapServers;
    private final KafkaProducer<byte[], byte[]> producer;
    private final int partitions;

    /** Starts the broker on an empty {@code folder}; topics of the data path get {@code partitions}. */
    TestSystem(Path folder, int partitions) throws Exception {
        this(folder, partitions, LocalBroker.start(folder.resolve("broker"), 0));
    }

    private TestSystem(Path folder, int partitions, LocalBroker broker) {
        this(folder, partitions, broker, broker.bootstrapServers());
    }

    /** The same on a broker that is there already and is closed with this. */
    TestSystem(Path folder, int partitions, AutoCloseable broker, String bootstrapServers) {
        this.folder = folder;
        this.partitions = partitions;
        this.broker = broker;
        this.bootstrapServers = bootstrapServers;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", 0),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Creates a topic. */
    void create(String topic, int topicPartitions, Map<String, String> settings)
            throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(topic, topicPartitions, (short) 1).configs(settings)))
                    .all()
                    .get();
        }
    }

    /** Deletes a topic and returns when it is gone. */
    void delete(String topic) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.deleteTopics(List.of(topic)).all().get();
            Poll.until("topic " + topic + " is gone", Duration.ofSeconds(30), () -> !topics(admin)
                    .contains(topic));
        }
    }

    /** The names of all topics and consumer groups there are. */
    Set<String> topicsAndGroups() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            Set<String> names = new TreeSet<>(topics(admin));
            admin.listGroups().all().get().forEach(group -> names.add(group.groupId()));
            return names;
        }
    }

    private static Set<String> topics(Admin admin) {
        try {
            return admin.listTopics().names().get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("topics cannot be listed", e);
        }
    }

    /** A replica of a service. */
    ServiceProcess service(String module, String name, Map<String, String> more) throws IOException {
        Map<String, String> properties = new HashMap<>(more);
        Path state = Files.createDirectories(folder.resolve(name));
        properties.put("kafka.bootstrap.servers", bootstrapServers());
        properties.put("residua.topics.partitions", Integer.toString(partitions));
        properties.put("residua.artifacts.root", artifacts().toString());
        properties.put("residua.index.state-dir", state.toString());
        properties.put("residua.evaluator.state-dir", state.toString());
        return new ServiceProcess(module, folder.resolve(name + ".log"), properties);
    }

    /** Publishes a model and announces it. */
    void publish(TinyModel model, String version) throws Exception {
        var published = model.publish(ArtifactStores.open(artifacts().toString()), version, folder.resolve("work"));
        announce("models", version, published);
    }

    /** Sends an event to a topic and returns when the broker has it. */
    void announce(String topic, String key, Object event) throws ExecutionException, InterruptedException {
        producer.send(CloudEvents.record(topic, key, event, "/test")).get();
    }

    private Path artifacts() {
        return folder.resolve("artifacts");
    }

    /** Sends an embedding as raw floats and returns without waiting. */
    void embedRaw(String item, float[] vector) {
        send(item, EmbeddingFormat.encodeRaw(vector), CloudEvents.OCTET_STREAM);
    }

    /** Sends an embedding as JSON and returns without waiting. */
    void embedJson(String item, float[] vector) {
        send(item, EmbeddingFormat.encodeJson(vector), CloudEvents.JSON);
    }

    /** Sends any value; {@code null} deletes the item. */
    void send(String item, byte[] value, String contentType) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                "item-embeddings",
                null,
                item.getBytes(UTF_8),
                value,
                CloudEvents.headers("io.residua.item-embedding", "/test", contentType));
        producer.send(record);
    }

    /** Sends any record to {@code item-embeddings} and returns without waiting. */
    void send(byte[] key, byte[] value, Headers headers) {
        producer.send(new ProducerRecord<>("item-embeddings", null, key, value, headers));
    }

    /** Changes one setting of a topic. */
    void configure(String topic, String setting, String value) throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(change)))
                    .all()
                    .get();
        }
    }

    TopicLog log(String topic) {
        return new TopicLog(bootstrapServers(), topic);
    }

    @Override
    public void close() throws Exception {
        producer.close();
        broker.close();
    }
}
