package io.residua.indexer.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.io.Sha256;
import io.residua.indexer.metrics.IndexerMeters;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.jboss.logging.Logger;

/**
 * Makes the dead letter of a source record that cannot be used, in the most complete form that the dead-letter topic
 * takes. The form is chosen by the computed size before anything is sent:
 *
 * <ol>
 *   <li>key, value and headers as received;
 *   <li>an empty value instead of the value;
 *   <li>besides, the hexadecimal SHA-256 of the key instead of the key, and none of the headers received.
 * </ol>
 *
 * Every form has the headers {@code dead-letter-reason} (a word to filter by), {@code dead-letter-cause} (a sentence to
 * read), {@code dead-letter-topic}, {@code dead-letter-partition} and {@code dead-letter-offset}. A value that is left
 * out has its size in {@code dead-letter-value-bytes}, a key that is replaced in {@code dead-letter-key-bytes}. A key
 * or value that is {@code null} stays {@code null}.
 *
 * <p>A letter that exceeds the topic's limit in every form is counted, logged and dropped. Thread-safe.
 */
public final class DeadLetters {
    /** Reason: no entry was free for the item. */
    public static final String CODE_SPACE_FULL = "code-space-full";

    private static final Logger LOG = Logger.getLogger(DeadLetters.class);
    /** A cause may quote the received record, whose length is unbounded. */
    private static final int MAX_CAUSE_LENGTH = 500;

    private final String topic;
    private final int maxMessageBytes;
    private final int maxRecordBytes;
    private final IndexerMeters meters;

    /**
     * Dead letters for a topic.
     *
     * @param maxMessageBytes the topic's {@code max.message.bytes}, or less if the producers take less
     * @param meters counts the letters that are given up
     */
    public DeadLetters(String topic, int maxMessageBytes, IndexerMeters meters) {
        this.topic = topic;
        this.maxMessageBytes = maxMessageBytes;
        // Compression may make a record larger that it cannot make smaller, by far less than this.
        this.maxRecordBytes = maxMessageBytes - maxMessageBytes / 256 - 64;
        this.meters = meters;
    }

    private enum Form {
        COMPLETE,
        WITHOUT_VALUE,
        POSITION_ONLY
    }

    /** A dead letter and the source record it is about. */
    public static final class Letter extends ProducerRecord<byte[], byte[]> {
        private final ConsumerRecord<byte[], byte[]> source;
        private final String reason;
        private final String cause;
        private final Form form;

        private Letter(String topic, ConsumerRecord<byte[], byte[]> source, String reason, String cause, Form form) {
            super(topic, null, keyOf(source, form), valueOf(source, form), headersOf(source, reason, cause, form));
            this.source = source;
            this.reason = reason;
            this.cause = cause;
            this.form = form;
        }
    }

    /**
     * The largest batch that the topic takes. A producer that puts several letters into a batch must not make larger
     * ones.
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** The letter about {@code source}; nothing if the topic does not take it in any form. */
    public Optional<Letter> letter(ConsumerRecord<byte[], byte[]> source, String reason, String cause) {
        return firstThatFits(new Letter(topic, source, reason, cause, Form.COMPLETE));
    }

    /**
     * The next smaller form of a letter that the broker refused as too large, because the topic takes less by now;
     * nothing if there is none.
     */
    public Optional<Letter> smaller(Letter refused) {
        return firstThatFits(nextForm(refused));
    }

    private Optional<Letter> firstThatFits(Letter first) {
        Letter letter = first;
        while (letter != null && sizeUpperBound(letter) > maxRecordBytes) {
            letter = nextForm(letter);
        }
        return Optional.ofNullable(letter);
    }

    /** The next form, {@code null} after the last one, which is the end of the letter. */
    private Letter nextForm(Letter letter) {
        if (letter.form == Form.POSITION_ONLY) {
            giveUp(letter);
            return null;
        }
        boolean hasValue = letter.value() != null && letter.value().length > 0;
        return new Letter(
                topic, letter.source, letter.reason, letter.cause, hasValue ? Form.WITHOUT_VALUE : Form.POSITION_ONLY);
    }

    private void giveUp(Letter letter) {
        meters.deadLetterLost();
        LOG.errorf(
                "dead letter lost, its topic does not take even its headers topic=%s size=%d reason=%s source=%s-%d@%d",
                topic,
                sizeUpperBound(letter),
                letter.reason,
                letter.source.topic(),
                letter.source.partition(),
                letter.source.offset());
    }

    /** Bytes of a batch of this record alone, which is what {@code max.message.bytes} limits. */
    private static int sizeUpperBound(Letter letter) {
        return AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE,
                CompressionType.NONE,
                letter.key(),
                letter.value(),
                letter.headers().toArray());
    }

    private static byte[] keyOf(ConsumerRecord<byte[], byte[]> source, Form form) {
        return source.key() != null && form == Form.POSITION_ONLY
                ? Sha256.of(source.key()).getBytes(UTF_8)
                : source.key();
    }

    private static byte[] valueOf(ConsumerRecord<byte[], byte[]> source, Form form) {
        return source.value() != null && form != Form.COMPLETE ? new byte[0] : source.value();
    }

    private static Headers headersOf(ConsumerRecord<byte[], byte[]> source, String reason, String cause, Form form) {
        RecordHeaders headers = new RecordHeaders();
        if (form != Form.POSITION_ONLY) {
            for (Header header : source.headers()) {
                headers.add(header);
            }
        }
        add(headers, "reason", reason);
        add(headers, "cause", cause.length() <= MAX_CAUSE_LENGTH ? cause : cause.substring(0, MAX_CAUSE_LENGTH) + "…");
        add(headers, "topic", source.topic());
        add(headers, "partition", source.partition());
        add(headers, "offset", source.offset());
        if (source.value() != null && form != Form.COMPLETE) {
            add(headers, "value-bytes", source.value().length);
        }
        if (source.key() != null && form == Form.POSITION_ONLY) {
            add(headers, "key-bytes", source.key().length);
        }
        return headers;
    }

    private static void add(RecordHeaders headers, String name, Object value) {
        headers.add("dead-letter-" + name, value.toString().getBytes(UTF_8));
    }
}
