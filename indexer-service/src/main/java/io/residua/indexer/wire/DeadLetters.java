package io.residua.indexer.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What the dead-letter topic says of a refused record: key, value and headers as received, and beside them
 * {@code dead-letter-reason} (a word to filter by), {@code dead-letter-cause} (a sentence to read),
 * {@code dead-letter-topic}, {@code dead-letter-partition} and {@code dead-letter-offset}.
 */
public final class DeadLetters {
    /** Reason: no entry was free for the item. */
    public static final String CODE_SPACE_FULL = "code-space-full";

    private static final byte[] NOTHING = {};

    private DeadLetters() {}

    /** The same letter with an empty value, for a topic that does not take the whole; a header says so. */
    public static ProducerRecord<byte[], byte[]> withoutValue(ProducerRecord<byte[], byte[]> letter) {
        RecordHeaders headers = new RecordHeaders(letter.headers());
        headers.add(
                "dead-letter-value-bytes",
                Integer.toString(letter.value().length).getBytes(UTF_8));
        return new ProducerRecord<>(letter.topic(), null, letter.key(), NOTHING, headers);
    }

    /** The headers of the dead letter for {@code source}. */
    public static Headers headers(ConsumerRecord<byte[], byte[]> source, String reason, String cause) {
        RecordHeaders headers = new RecordHeaders();
        for (Header header : source.headers()) {
            headers.add(header);
        }
        return headers.add("dead-letter-reason", reason.getBytes(UTF_8))
                .add("dead-letter-cause", cause.getBytes(UTF_8))
                .add("dead-letter-topic", source.topic().getBytes(UTF_8))
                .add(
                        "dead-letter-partition",
                        Integer.toString(source.partition()).getBytes(UTF_8))
                .add("dead-letter-offset", Long.toString(source.offset()).getBytes(UTF_8));
    }
}
