package io.residua.indexer.generation;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.reactive.messaging.spi.Connector;

/** Makes Kafka clients with the application's {@code kafka.*} settings, security included. */
@ApplicationScoped
public class KafkaClients {
    private static final long TIMEOUT_SECONDS = 30;
    private static final int HEARTBEAT_TIMEOUT_MILLIS = 5_000;

    private final Map<String, Object> settings;
    private final KafkaConnector connector;

    @Inject
    KafkaClients(
            @Identifier("default-kafka-broker") Map<String, Object> settings,
            @Connector("smallrye-kafka") KafkaConnector connector) {
        this.settings = Map.copyOf(settings);
        this.connector = connector;
    }

    /** The settings all clients share. */
    Map<String, Object> settings() {
        return settings;
    }

    /** SmallRye's connector, for channels created at run time. */
    KafkaConnector connector() {
        return connector;
    }

    Admin admin() {
        return Admin.create(settings);
    }

    /** A consumer without a group that reads committed records of what it is assigned, from the earliest on. */
    Consumer<byte[], byte[]> reader() {
        return new KafkaConsumer<>(readerSettings(settings));
    }

    /** The same, for a copy that goes on at offsets of its own: an offset that does not exist is an error. */
    public Consumer<byte[], byte[]> copyReader() {
        Map<String, Object> all = readerSettings(settings);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        return new KafkaConsumer<>(all);
    }

    /** How long a topic keeps deletions; nothing if it keeps them for ever. */
    public Optional<Duration> tombstoneRetention(String topic) {
        try (Admin admin = admin()) {
            return new BrokerState(admin, this::reader).tombstoneRetention(topic);
        }
    }

    static Map<String, Object> readerSettings(Map<String, Object> kafka) {
        Map<String, Object> all = new HashMap<>(kafka);
        all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return all;
    }

    Producer<byte[], byte[]> producer() {
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A request that the broker answers from memory. */
    BrokerHeartbeat.Probe heartbeatProbe() {
        Admin admin = admin();
        DescribeClusterOptions timeout = new DescribeClusterOptions().timeoutMs(HEARTBEAT_TIMEOUT_MILLIS);
        return new BrokerHeartbeat.Probe() {
            @Override
            public void ask() {
                await(admin.describeCluster(timeout).clusterId());
            }

            @Override
            public void close() {
                admin.close(Duration.ZERO);
            }
        };
    }

    /** Waits for a broker's answer, a bounded time. */
    static <T> T await(Future<T> answer) {
        try {
            return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (TimeoutException e) {
            throw new org.apache.kafka.common.errors.TimeoutException(
                    "the broker did not answer in " + TIMEOUT_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new org.apache.kafka.common.errors.InterruptException(e);
        }
    }
}
