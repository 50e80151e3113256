package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.common.embedding.EmbeddingFormat;
import io.residua.common.event.CloudEvents;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Sends the embeddings of a run's items, and deletes them, as an application does. Thread-safe. */
final class ItemFeed implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final ItemNames names;
    private final Format format;

    ItemFeed(Clients clients, String topic, ItemNames names, Format format) {
        this.producer = clients.producer();
        this.topic = topic;
        this.names = names;
        this.format = format;
    }

    /** How embeddings are written. */
    enum Format {
        RAW(CloudEvents.OCTET_STREAM),
        JSON(CloudEvents.JSON);

        private final String contentType;

        Format(String contentType) {
            this.contentType = contentType;
        }

        byte[] encode(float[] vector) {
            return this == RAW ? EmbeddingFormat.encodeRaw(vector) : EmbeddingFormat.encodeJson(vector);
        }
    }

    void send(Phase phase, long number, ItemVectors vectors) {
        send(names.key(phase, number), format.encode(vectors.of(number)));
    }

    /** Sends the items 0 to {@code count} − 1 of a phase; waits whenever the producer's buffer is full. */
    void sendAll(Phase phase, int count, ItemVectors vectors) {
        for (int number = 0; number < count; number++) {
            send(phase, number, vectors);
        }
    }

    void deleteAll(Phase phase, int count) {
        for (int number = 0; number < count; number++) {
            send(names.key(phase, number), null);
        }
    }

    private void send(byte[] key, byte[] value) {
        var headers = CloudEvents.headers("io.residua.item-embedding", "/residua/benchmark", format.contentType);
        producer.send(new ProducerRecord<>(topic, null, key, value, headers));
    }

    @Override
    public void close() {
        producer.close();
    }
}
