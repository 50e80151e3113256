package io.residua.indexer.generation;

import io.residua.common.streams.RestoreFetches;
import io.residua.common.streams.SharedRocksMemory;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams' settings for one generation. */
final class StreamsSettings {
    /**
     * Part of a partition fetched at a time. Larger pieces fill a task's buffer with one backlog, and what the other stage
     * sends meanwhile waits behind it.
     */
    private static final int FETCH_BYTES = 64 * 1024;

    /**
     * Wait before a transaction's request is repeated because the broker still completes the transaction before. That
     * takes a broker a few milliseconds; Kafka's default of 100 ms stalls a small pipeline at nearly every commit.
     */
    private static final int RETRY_BACK_OFF_MILLIS = 5;

    /**
     * Segments of the changelog topics. A broker compacts no open segment, so that a restore reads it whole: of Kafka's
     * default of 1 GiB, ten million records in each partition, however few keys they have.
     */
    private static final int CHANGELOG_SEGMENT_BYTES = 32 << 20;

    /** How long changelog topics keep tombstones: Kafka's default, whatever the broker's is. See {@link LocalState}. */
    static final Duration CHANGELOG_TOMBSTONES_KEPT = Duration.ofHours(24);

    private static final int MAX_REQUEST_BYTES = 64 << 20;

    private StreamsSettings() {}

    /** The largest record that a producer with these settings takes, whatever the topic takes. */
    static long maxProducerRecordBytes(Map<String, Object> kafka) {
        Object bufferMemory = kafka.get(ProducerConfig.BUFFER_MEMORY_CONFIG);
        if (bufferMemory == null) {
            bufferMemory = ProducerConfig.configDef().defaultValues().get(ProducerConfig.BUFFER_MEMORY_CONFIG);
        }
        return Math.min(MAX_REQUEST_BYTES, Long.parseLong(bufferMemory.toString()));
    }

    /**
     * Makes the producers' batches no larger than {@code maxBytes}. A producer splits a batch that the broker refuses as too
     * large into batches of {@code batch.size}; where a topic takes less than that, it would send the same batch without end.
     */
    static void limitBatches(Properties settings, int maxBytes) {
        settings.merge(
                StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG),
                maxBytes,
                (size, limit) -> Math.min((Integer) size, (Integer) limit));
    }

    static Properties of(
            Map<String, Object> kafka,
            GenerationTopics topics,
            IndexerConfig config,
            String instanceId,
            short replicationFactor) {
        int commitMillis = Math.toIntExact(config.commitInterval().toMillis());
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, topics.application());
        settings.put(
                StreamsConfig.STATE_DIR_CONFIG,
                config.stateDir().resolve("streams").toAbsolutePath().toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streamThreads());
        settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitMillis);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) replicationFactor);
        settings.put(StreamsConfig.topicPrefix(TopicConfig.SEGMENT_BYTES_CONFIG), CHANGELOG_SEGMENT_BYTES);
        settings.put(
                StreamsConfig.topicPrefix(TopicConfig.DELETE_RETENTION_MS_CONFIG),
                CHANGELOG_TOMBSTONES_KEPT.toMillis());
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SharedRocksMemory.class);
        settings.put(SharedRocksMemory.CACHE_BYTES_CONFIG, config.stateCacheBytes());
        // Commits and resolutions happen between polls: a poll must not outlast them.
        settings.put(
                StreamsConfig.POLL_MS_CONFIG,
                Math.max(1, config.resolveInterval().toMillis() / 2));
        settings.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, RETRY_BACK_OFF_MILLIS);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instanceId);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), FETCH_BYTES);
        RestoreFetches.limitWait(settings);
        // What is processed between two commits must fit well into a transaction's time.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 1_000);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), MAX_REQUEST_BYTES);
        // A commit flushes anyway; until then records gather into few large batches.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), commitMillis);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 * 1024);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 10_000);
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }
}
