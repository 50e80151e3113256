package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.topic.TopicsConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/** Consumes {@code models} and {@code index-status} from the beginning and passes each record on. */
final class ControlTopics implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlTopics.class);
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(30);

    private final TopicsConfig names;
    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final PublishedModels models;
    private final StatusTopic status;
    private final Consumer<String> onModel;

    /** {@code onModel} gets the version of each record of {@code models}. */
    ControlTopics(
            TopicsConfig names,
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            PublishedModels models,
            StatusTopic status,
            Consumer<String> onModel) {
        this.names = names;
        this.consumer = consumer;
        this.models = models;
        this.status = status;
        this.onModel = onModel;
        List<TopicPartition> partitions =
                List.of(new TopicPartition(names.models(), 0), new TopicPartition(names.indexStatus(), 0));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Polls once; returns whether a model was among the records. */
    boolean poll() {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL_TIMEOUT);
        records.forEach(this::onRecord);
        return records.records(names.models()).iterator().hasNext();
    }

    /**
     * Reads up to the present end of both topics.
     *
     * @throws TimeoutException if that takes too long
     */
    void readToEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll();
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "reading " + ends.keySet() + " took more than " + READ_TIMEOUT.toSeconds() + " s");
            }
        }
    }

    private void onRecord(ConsumerRecord<byte[], byte[]> record) {
        String version = new String(record.key(), UTF_8);
        try {
            if (record.topic().equals(names.models())) {
                onModel.accept(version);
                models.onRecord(record);
            } else {
                status.onRecord(version, record.value() == null ? null : Json.read(record.value(), IndexStatus.class));
            }
        } catch (IllegalArgumentException e) {
            LOG.warnf(
                    "record not understood, ignored topic=%s offset=%d cause=%s",
                    record.topic(), record.offset(), e.getMessage());
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
