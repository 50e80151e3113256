package io.residua.benchmarks.datapath;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The limit of the assignment stages: a plain consumer reads the same requests, and a transactional producer writes each
 * again, one record in and one out, with a commit as often as the stages commit.
 */
final class CopyLimit {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(100);

    private CopyLimit() {}

    /** Copies the first {@code count} records of a topic to another, and returns the records per second. */
    static double recordsPerSecond(Clients clients, String from, String to, int count, Duration commitInterval) {
        Map<String, Object> settings = Map.of(
                "transactional.id",
                "residua-bench-limit",
                "retry.backoff.ms",
                5,
                "linger.ms",
                commitInterval.toMillis(),
                "batch.size",
                256 * 1024);
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader(from);
                KafkaProducer<byte[], byte[]> producer = clients.producer(settings)) {
            producer.initTransactions();
            long start = System.nanoTime();
            long committed = start;
            producer.beginTransaction();
            for (int copied = 0; copied < count; ) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL_TIMEOUT)) {
                    producer.send(new ProducerRecord<>(to, record.partition(), record.key(), record.value()));
                    copied++;
                }
                if (System.nanoTime() - committed > commitInterval.toNanos()) {
                    producer.commitTransaction();
                    producer.beginTransaction();
                    committed = System.nanoTime();
                }
            }
            producer.commitTransaction();
            return count * 1e9 / (System.nanoTime() - start);
        }
    }
}
