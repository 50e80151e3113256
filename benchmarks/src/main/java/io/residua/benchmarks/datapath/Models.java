package io.residua.benchmarks.datapath;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.StackException;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;

/** The models of an installation and the states of their indexes. */
record Models(Clients clients, TopicsConfig topics) {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    /** The models of an installation whose topics have the configured names. */
    static Models of(Clients clients) {
        return new Models(
                clients,
                new SmallRyeConfigBuilder()
                        .addDefaultSources()
                        .withMapping(TopicsConfig.class)
                        .build()
                        .getConfigMapping(TopicsConfig.class));
    }

    /** The newest model, if it takes embeddings of {@code dim} floats. */
    Optional<ModelPublished> newest(int dim) throws InterruptedException {
        clients.awaitTopic(topics.models());
        Map<String, ModelPublished> models = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader(topics.models())) {
            Clients.readToEnd(reader, record -> {
                String version = new String(record.key(), UTF_8);
                models.remove(version);
                if (record.value() != null) {
                    models.put(version, Json.read(record.value(), ModelPublished.class));
                }
            });
        }
        return models.values().stream()
                .max(Comparator.comparing(ModelPublished::time).thenComparing(ModelPublished::modelVersion))
                .filter(model -> model.manifest().model().dim() == dim);
    }

    void announce(ModelPublished model) {
        try (KafkaProducer<byte[], byte[]> producer = clients.producer()) {
            Clients.get(producer.send(
                    CloudEvents.record(topics.models(), model.modelVersion(), model, "/residua/benchmark")));
        }
    }

    /** Returns when a model's index is ready. */
    void awaitReady(String modelVersion) throws InterruptedException {
        clients.awaitTopic(topics.indexStatus());
        IndexStatus[] status = new IndexStatus[1];
        long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader(topics.indexStatus())) {
            while (status[0] == null || status[0].state() != IndexStatus.State.READY) {
                reader.poll(POLL_TIMEOUT).forEach(record -> {
                    if (record.value() != null && modelVersion.equals(new String(record.key(), UTF_8))) {
                        status[0] = Json.read(record.value(), IndexStatus.class);
                    }
                });
                if (status[0] != null && status[0].state() == IndexStatus.State.REFUSED) {
                    throw new StackException("model " + modelVersion + " was refused: " + status[0].reason());
                }
                if (System.nanoTime() > deadline) {
                    throw new StackException("the index of model " + modelVersion + " is not ready after "
                            + READY_TIMEOUT.toMinutes() + " minutes");
                }
            }
        }
    }
}
