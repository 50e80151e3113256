package io.residua.trainer.job;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.trainer.snapshot.LogConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics that are lists; what transactions send is there when they commit. */
final class MemoryKafka extends KafkaClients {
    private final Map<String, List<ConsumerRecord<byte[], byte[]>>> topics = new ConcurrentHashMap<>();

    private int maxRecordBytes = Integer.MAX_VALUE;

    MemoryKafka(String... topics) {
        super(Map.of());
        for (String topic : topics) {
            this.topics.put(topic, new ArrayList<>());
        }
    }

    /** Adds an event. */
    void add(String topic, String key, Object event) {
        append(CloudEvents.record(topic, key, event, "/test"));
    }

    /** From now on a transaction with a larger value fails, as a Kafka producer's does. */
    synchronized void refuseRecordsOver(int bytes) {
        maxRecordBytes = bytes;
    }

    /** All events of a topic. */
    synchronized <T> List<T> events(String topic, Class<T> type) {
        return topics.get(topic).stream()
                .map(record -> Json.read(record.value(), type))
                .toList();
    }

    @Override
    public synchronized Consumer<byte[], byte[]> reader() {
        return new LogConsumer(topics);
    }

    @Override
    Producer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public synchronized void flush() {
                super.flush();
                history().forEach(MemoryKafka.this::append);
                clear();
            }
        };
    }

    @Override
    Producer<byte[], byte[]> transactionalProducer(String transactionalId) {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public void commitTransaction() {
                if (uncommittedRecords().stream().anyMatch(MemoryKafka.this::isTooLarge)) {
                    throw new KafkaException("in an error state", new RecordTooLargeException("too large"));
                }
                super.commitTransaction();
                history().forEach(MemoryKafka.this::append);
            }
        };
    }

    private synchronized boolean isTooLarge(ProducerRecord<byte[], byte[]> record) {
        return record.value().length > maxRecordBytes;
    }

    private synchronized void append(ProducerRecord<byte[], byte[]> record) {
        List<ConsumerRecord<byte[], byte[]>> log = topics.get(record.topic());
        log.add(LogConsumer.record(record.topic(), log.size(), record.key(), record.value(), record.headers()));
    }
}
