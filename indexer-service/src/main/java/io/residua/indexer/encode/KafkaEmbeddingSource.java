package io.residua.indexer.encode;

import io.residua.indexer.wire.GenerationTopics;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Multi;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import io.smallrye.reactive.messaging.kafka.KafkaConsumer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;

/** {@link EmbeddingSource} that SmallRye's Kafka connector makes at run time. */
final class KafkaEmbeddingSource implements EmbeddingSource {
    private static final String LAST_HEARTBEAT = "last-heartbeat-seconds-ago";

    private final KafkaConnector connector;
    private final String channelName;
    private final Config channel;

    KafkaEmbeddingSource(EncodeStage.Clients clients, GenerationTopics topics, int batchSize) {
        this.connector = clients.connector();
        this.channelName = topics.encodeGroup();
        this.channel = channel(clients, topics, batchSize);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Multi<Message<?>> open() {
        return Multi.createFrom().publisher((Flow.Publisher<Message<?>>) connector.getPublisher(channel));
    }

    @Override
    public Duration silence() {
        List<KafkaConsumer<byte[], byte[]>> consumers = connector.getConsumers(channelName);
        // The connector keeps those of sources that were cancelled; the last one is in use.
        Consumer<byte[], byte[]> consumer =
                consumers.isEmpty() ? null : consumers.get(consumers.size() - 1).unwrap();
        if (consumer == null) {
            return Duration.ZERO;
        }
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals(LAST_HEARTBEAT))
                .map(Metric::metricValue)
                .mapToLong(value -> Math.max(0, ((Number) value).longValue()))
                .mapToObj(Duration::ofSeconds)
                .findFirst()
                .orElse(Duration.ZERO);
    }

    private static Config channel(EncodeStage.Clients clients, GenerationTopics topics, int batchSize) {
        Map<String, String> settings = new HashMap<>();
        clients.settings().forEach((name, value) -> settings.put(name, String.valueOf(value)));
        settings.put("channel-name", topics.encodeGroup());
        settings.put("topic", topics.embeddings());
        settings.put("batch", "true");
        settings.put("health-enabled", "false");
        settings.put("tracing-enabled", "false");
        settings.put("cloud-events", "false");
        settings.put("failure-strategy", "fail");
        settings.put("commit-strategy", "throttled");
        settings.put("throttled.unprocessed-record-max-age.ms", "0");
        settings.put("auto.commit.interval.ms", "500");
        settings.put("group.id", topics.encodeGroup());
        settings.put("group.instance.id", topics.encodeGroup() + "-" + clients.instanceId());
        settings.put("session.timeout.ms", "10000");
        settings.put("auto.offset.reset", "earliest");
        settings.put("allow.auto.create.topics", "false");
        settings.put("isolation.level", "read_committed");
        settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("max.poll.records", Integer.toString(batchSize));
        settings.put("max.partition.fetch.bytes", Integer.toString(8 << 20));
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, topics.encodeGroup(), 100))
                .build();
    }
}
