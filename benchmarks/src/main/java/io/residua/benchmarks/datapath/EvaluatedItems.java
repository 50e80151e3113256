package io.residua.benchmarks.datapath;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** How many items of an index the evaluator has counted, as {@code index-metrics} tells it. */
final class EvaluatedItems implements AutoCloseable {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(50);

    private final KafkaConsumer<byte[], byte[]> reader;
    private final String modelVersion;
    private long items;
    private double rawCollisionRate;

    /** Knows what has been counted until now. */
    EvaluatedItems(Clients clients, String topic, String modelVersion) {
        this.modelVersion = modelVersion;
        this.reader = clients.reader(topic);
        Clients.readToEnd(reader, this::onRecord);
    }

    private void onRecord(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() != null && modelVersion.equals(new String(record.key(), UTF_8))) {
            IndexMetrics metrics = Json.read(record.value(), IndexMetrics.class);
            items = metrics.items();
            rawCollisionRate = metrics.rawCollisionRate();
        }
    }

    /** What was counted last. */
    long items() {
        return items;
    }

    /** The share of the items whose nearest code an item before had. */
    double rawCollisionRate() {
        return rawCollisionRate;
    }

    /** Returns when {@code wanted} items have been counted, or at {@link System#nanoTime} {@code deadline}. */
    void await(long wanted, long deadline) {
        do {
            reader.poll(POLL_TIMEOUT).forEach(this::onRecord);
        } while (items < wanted && System.nanoTime() < deadline);
    }

    @Override
    public void close() {
        reader.close();
    }
}
