package io.residua.indexer.encode;

import io.residua.common.inference.OnnxEncoder;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.deadletter.DeadLetters.Letter;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.GenerationTopics;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import io.smallrye.reactive.messaging.kafka.impl.KafkaRecordHelper;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Encodes the embeddings of one generation, from the earliest offset on: micro-batches in, requests, deletions and dead
 * letters out.
 *
 * <p>Delivers at least once: a batch is acknowledged when the broker has acknowledged all of its output. The next
 * stages recognise duplicates by source position. Order within a source partition is kept. After a failure the stage
 * restarts from the last acknowledged batch. It pauses while the prefix stage is far behind.
 */
public final class EncodeStage implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EncodeStage.class);
    /** While the broker confirms one batch the next one is encoded. */
    private static final int BATCHES_IN_FLIGHT = 3;

    /** A stage that keeps failing for longer, despite restarts, is reported as unhealthy. */
    private static final Duration UNHEALTHY_AFTER = Duration.ofMinutes(5);

    private static final int MAX_REQUEST_BYTES = 64 << 20;
    private static final Duration MIN_BACK_OFF = Duration.ofMillis(500);
    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(10);
    private static final Duration RECOVERED_AFTER = Duration.ofSeconds(45);

    private final KafkaConnector connector;
    private final Config channel;
    private final DeadLetters deadLetters;
    private final OnnxEncoder encoder;
    private final BatchEncoder batches;
    private final Producer<byte[], byte[]> producer;
    private final Producer<byte[], byte[]> letterProducer;
    private final ExecutorService thread;
    private final RequestBacklog backlog;
    private final Cancellable subscription;
    private final AtomicReference<Failing> failing = new AtomicReference<>();

    /** An ongoing failure: its first and last {@link System#nanoTime}. */
    private record Failing(Throwable cause, long since, long last) {
        static Failing next(Failing before, Throwable cause, long now) {
            return new Failing(cause, before == null || before.hasRecovered(now) ? now : before.since(), now);
        }

        /** Whether the stage has run for so long without another failure that it counts as recovered. */
        boolean hasRecovered(long now) {
            return now - last > RECOVERED_AFTER.toNanos();
        }

        boolean isUnhealthy(long now) {
            return !hasRecovered(now) && now - since > UNHEALTHY_AFTER.toNanos();
        }
    }

    /**
     * Starts encoding.
     *
     * @param connector SmallRye's Kafka connector
     * @param kafka client settings, the bootstrap servers among them
     * @param topics the generation's topics
     * @param partitions of the internal topics when the generation opened
     * @param instanceId tells this replica from others, the same after a restart
     * @param encoder the model; closed with the stage
     * @param deadLetters makes the letters about refused records
     * @param meters counts what happens
     * @param counts how many embeddings are accepted and refused
     */
    public EncodeStage(
            KafkaConnector connector,
            Map<String, Object> kafka,
            GenerationTopics topics,
            int partitions,
            String instanceId,
            OnnxEncoder encoder,
            DeadLetters deadLetters,
            IndexerMeters meters,
            EncodeCounts counts) {
        this.connector = connector;
        this.deadLetters = deadLetters;
        this.encoder = encoder;
        this.channel = channel(kafka, topics, instanceId, encoder.maxRows());
        this.batches = new BatchEncoder(encoder, topics, partitions, deadLetters, meters, counts);
        this.backlog = new RequestBacklog(kafka, topics, partitions);
        Map<String, Object> settings = producerSettings(kafka, topics);
        this.producer = new KafkaProducer<>(settings);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, topics.encodeGroup() + "-dead-letters");
        // One letter per batch: the producer splits a batch that the broker refuses as too large into batches of
        // batch.size. Where the topic takes less than that, it would send the same batch without end.
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 0);
        this.letterProducer = new KafkaProducer<>(settings);
        this.thread = Executors.newSingleThreadExecutor(task -> new Thread(task, topics.encodeGroup()));
        this.subscription = Multi.createFrom()
                .deferred(this::messages)
                .onItem()
                .transformToUni(this::encode)
                .merge(BATCHES_IN_FLIGHT)
                .onFailure()
                .invoke(e -> {
                    LOG.errorf(e, "encoding stopped, starting it again group=%s", topics.encodeGroup());
                    failing.updateAndGet(before -> Failing.next(before, e, System.nanoTime()));
                })
                .onFailure()
                .retry()
                .withBackOff(MIN_BACK_OFF, MAX_BACK_OFF)
                .indefinitely()
                .subscribe()
                .with(encoded -> failing.set(null));
    }

    /** Why encoding fails now; {@code null} if the last batch succeeded, or nothing has failed since a restart. */
    public Throwable currentFailure() {
        Failing current = failing.get();
        return current == null || current.hasRecovered(System.nanoTime()) ? null : current.cause();
    }

    /** Why encoding keeps failing for minutes; {@code null} if it does not. */
    public Throwable failure() {
        Failing current = failing.get();
        return current != null && current.isUnhealthy(System.nanoTime()) ? current.cause() : null;
    }

    @SuppressWarnings("unchecked")
    private Multi<Message<?>> messages() {
        return Multi.createFrom().publisher((Flow.Publisher<Message<?>>) connector.getPublisher(channel));
    }

    private Uni<Message<?>> encode(Message<?> message) {
        return Uni.createFrom()
                .completionStage(() -> send(message))
                .runSubscriptionOn(thread)
                .chain(() -> Uni.createFrom().completionStage(message.ack()))
                .replaceWith(message);
    }

    /** Encodes one batch and sends its output. The result completes when the broker has acknowledged all of it. */
    @SuppressWarnings("unchecked")
    private CompletableFuture<Void> send(Message<?> message) {
        ConsumerRecords<byte[], byte[]> records =
                (ConsumerRecords<byte[], byte[]>) message.getMetadata(IncomingKafkaRecordBatchMetadata.class)
                        .orElseThrow()
                        .getRecords();
        // SmallRye has read what it noted in the headers; from here on records are as received.
        records.forEach(record -> record.headers().remove(KafkaRecordHelper.SMALLRYE_GENERATION_ID));
        backlog.awaitRoom(records.count());
        CompletableFuture<Void> acknowledged = new CompletableFuture<>();
        AtomicInteger pending = new AtomicInteger(1);
        Runnable oneDone = () -> {
            if (pending.decrementAndGet() == 0) {
                acknowledged.complete(null);
            }
        };
        batches.encode(records, record -> {
            pending.incrementAndGet();
            send(record, acknowledged, oneDone);
        });
        oneDone.run();
        return acknowledged;
    }

    private void send(ProducerRecord<byte[], byte[]> record, CompletableFuture<Void> acknowledged, Runnable oneDone) {
        Producer<byte[], byte[]> sender = record instanceof Letter ? letterProducer : producer;
        sender.send(record, (metadata, e) -> {
            if (e instanceof RecordTooLargeException && record instanceof Letter letter) {
                deadLetters.smaller(letter).ifPresentOrElse(smaller -> send(smaller, acknowledged, oneDone), oneDone);
                return;
            }
            if (e != null) {
                acknowledged.completeExceptionally(e);
            }
            oneDone.run();
        });
    }

    private static Map<String, Object> producerSettings(Map<String, Object> kafka, GenerationTopics topics) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, topics.encodeGroup());
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        // The broker's limit holds, not the client's: what it accepted as an embedding may become a dead letter.
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        // A batch of requests is sent at once and spreads over the partitions: what little it is worth to wait.
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
        return settings;
    }

    private static Config channel(
            Map<String, Object> kafka, GenerationTopics topics, String instanceId, int batchSize) {
        Map<String, String> settings = new HashMap<>();
        kafka.forEach((name, value) -> settings.put(name, String.valueOf(value)));
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
        settings.put("group.instance.id", topics.encodeGroup() + "-" + instanceId);
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

    @Override
    public void close() {
        subscription.cancel();
        backlog.close();
        thread.shutdown();
        try {
            if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
                LOG.warn("a batch was still being encoded at the close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(Duration.ofSeconds(10));
        letterProducer.close(Duration.ofSeconds(10));
        encoder.close();
    }
}
