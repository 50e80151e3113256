package io.residua.indexer.encode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;

/** One partition of embeddings in memory; opened again, it goes on behind the last acknowledged batch. */
final class MemorySource implements EmbeddingSource {
    private static final String TOPIC = "item-embeddings";

    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    private MultiEmitter<? super Message<?>> emitter;
    private int acknowledged;
    private int delivered;
    private int opened;
    volatile Duration silence = Duration.ZERO;

    @Override
    public Multi<Message<?>> open() {
        return Multi.createFrom().<Message<?>>emitter(this::begin);
    }

    private synchronized void begin(MultiEmitter<? super Message<?>> newEmitter) {
        emitter = newEmitter;
        delivered = acknowledged;
        opened++;
    }

    @Override
    public Duration silence() {
        return silence;
    }

    /** A raw embedding, or a deletion if {@code value} is {@code null}. */
    synchronized void add(String key, byte[] value) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(CloudEvents.CONTENT_TYPE, CloudEvents.OCTET_STREAM.getBytes(UTF_8));
        records.add(new ConsumerRecord<>(
                TOPIC,
                0,
                records.size(),
                1_000,
                TimestampType.CREATE_TIME,
                key.length(),
                value == null ? -1 : value.length,
                key.getBytes(UTF_8),
                value,
                headers,
                Optional.empty()));
    }

    /** The next records come, as one batch. */
    void deliver(int count) {
        MultiEmitter<? super Message<?>> target;
        Message<?> message;
        synchronized (this) {
            int end = delivered + count;
            ConsumerRecords<byte[], byte[]> batch = new ConsumerRecords<>(
                    Map.of(new TopicPartition(TOPIC, 0), List.copyOf(records.subList(delivered, end))), Map.of());
            delivered = end;
            target = emitter;
            message = Message.of(
                    batch, Metadata.of(new IncomingKafkaRecordBatchMetadata<>(batch, "encode", Map.of())), () -> {
                        acknowledge(end);
                        return CompletableFuture.completedFuture(null);
                    });
        }
        target.emit(message);
    }

    private synchronized void acknowledge(int end) {
        acknowledged = Math.max(acknowledged, end);
    }

    /** The consumer fails. */
    void fail(Throwable cause) {
        MultiEmitter<? super Message<?>> target;
        synchronized (this) {
            target = emitter;
        }
        target.fail(cause);
    }

    /** Records that were acknowledged. */
    synchronized int acknowledged() {
        return acknowledged;
    }

    /** How often it was opened. */
    synchronized int opened() {
        return opened;
    }
}
