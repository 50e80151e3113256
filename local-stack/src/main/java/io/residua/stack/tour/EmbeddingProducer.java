package io.residua.stack.tour;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Sends a sample's embeddings to {@code item-embeddings}. */
final class EmbeddingProducer {
    static final String SOURCE = "/residua/tour";

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final Sample sample;

    EmbeddingProducer(Producer<byte[], byte[]> producer, String topic, Sample sample) {
        this.producer = producer;
        this.topic = topic;
        this.sample = sample;
    }

    /** Sends the items from {@code from} to {@code to}, exclusive, and waits until the broker has acknowledged them. */
    void send(int from, int to) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int item = from; item < to; item++) {
            sent.add(producer.send(record(item)));
        }
        sent.forEach(future -> Clients.get("sending embeddings", future));
    }

    private ProducerRecord<byte[], byte[]> record(int item) {
        return new ProducerRecord<>(
                topic,
                null,
                sample.item(item).id().getBytes(UTF_8),
                EmbeddingFormat.encodeRaw(sample.vector(item)),
                CloudEvents.headers("io.residua.item-embedding", SOURCE, CloudEvents.OCTET_STREAM));
    }
}
