package io.residua.indexer.encode;

import io.residua.common.inference.OnnxEncoder;
import io.residua.common.topic.TopicOffsets;
import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.GenerationTopics;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.smallrye.reactive.messaging.kafka.KafkaConnector;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import io.smallrye.reactive.messaging.kafka.impl.KafkaRecordHelper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
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

    private static final Duration MIN_BACK_OFF = Duration.ofMillis(500);
    private static final Duration MAX_BACK_OFF = Duration.ofSeconds(10);
    /** The consumer sends heartbeats every three seconds. */
    private static final Duration MAX_SILENCE = Duration.ofSeconds(15);

    private final Parts parts;
    private final ExecutorService thread;
    private final Cancellable subscription;

    /**
     * How the stage reaches the broker.
     *
     * @param connector SmallRye's Kafka connector
     * @param settings of clients, the bootstrap servers among them
     * @param offsets how far groups have come
     * @param instanceId tells this replica from others, the same after a restart
     */
    public record Clients(
            KafkaConnector connector, Map<String, Object> settings, TopicOffsets offsets, String instanceId) {}

    /** What the stage works with. */
    record Parts(
            EmbeddingSource source,
            RequestBacklog backlog,
            BatchEncoder batches,
            BatchSender sender,
            EncodeHealth health,
            OnnxEncoder encoder) {}

    /**
     * Starts encoding.
     *
     * @param topics the generation's topics
     * @param partitions of the internal topics when the generation opened
     * @param model what encodes; its encoder is closed with the stage
     * @param deadLetters makes the letters about refused records
     * @param meters counts what happens
     */
    public static EncodeStage start(
            Clients clients,
            GenerationTopics topics,
            int partitions,
            EncodeModel model,
            DeadLetters deadLetters,
            IndexerMeters meters) {
        Parts parts = new Parts(
                new KafkaEmbeddingSource(clients, topics, model.encoder().maxRows()),
                new RequestBacklog(clients.offsets(), topics, partitions),
                new BatchEncoder(model, topics, partitions, deadLetters, meters),
                BatchSender.connect(clients.settings(), topics, deadLetters),
                new EncodeHealth(System::nanoTime),
                model.encoder());
        return new EncodeStage(topics.encodeGroup(), parts);
    }

    /** Starts encoding in a thread called {@code name}. */
    EncodeStage(String name, Parts parts) {
        this.parts = parts;
        this.thread = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
        this.subscription = Multi.createFrom()
                .deferred(parts.source()::open)
                .onItem()
                .transformToUni(this::encode)
                .merge(BATCHES_IN_FLIGHT)
                .onFailure()
                .invoke(e -> {
                    LOG.errorf(e, "encoding stopped, starting it again group=%s", name);
                    parts.health().failed(e);
                })
                .onFailure()
                .retry()
                .withBackOff(MIN_BACK_OFF, MAX_BACK_OFF)
                .indefinitely()
                .subscribe()
                .with(encoded -> parts.health().succeeded());
    }

    /** Why encoding does not work now; nothing if it does, or has nothing to do. */
    public Optional<String> trouble() {
        Duration silence = parts.source().silence();
        if (silence.compareTo(MAX_SILENCE) > 0) {
            return Optional.of("the consumer has not reached its broker for " + silence.toSeconds() + " s");
        }
        return parts.health().trouble();
    }

    /** Why encoding has failed for minutes on end; nothing if it has not. */
    public Optional<Throwable> failure() {
        return parts.health().failure();
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
        try {
            parts.backlog().awaitRoom(records.count());
            return send(records);
        } catch (InterruptException e) {
            // Only close interrupts, and nobody waits for the result then.
            return new CompletableFuture<>();
        }
    }

    private CompletableFuture<Void> send(ConsumerRecords<byte[], byte[]> records) {
        // Encoded before it counts as sent: a batch may wait long for the budget, which says nothing of the broker.
        List<ProducerRecord<byte[], byte[]>> made = new ArrayList<>(records.count());
        parts.batches().encode(records, made::add);
        long number = parts.health().sending();
        CompletableFuture<Void> acknowledged;
        try {
            BatchSender.Batch batch = parts.sender().begin();
            made.forEach(batch::send);
            acknowledged = batch.end();
        } catch (RuntimeException | Error e) {
            parts.health().sent(number);
            throw e;
        }
        return acknowledged.whenComplete((done, e) -> parts.health().sent(number));
    }

    @Override
    public void close() {
        subscription.cancel();
        parts.backlog().close();
        // A batch that waits, for the budget or the broker, is encoded again from the last acknowledged one.
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
                LOG.warn("a batch was still being encoded at the close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        parts.sender().close();
        parts.encoder().close();
    }
}
