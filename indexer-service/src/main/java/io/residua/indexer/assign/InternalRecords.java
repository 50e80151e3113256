package io.residua.indexer.assign;

import io.residua.indexer.deadletter.DeadLetters;
import io.residua.indexer.metrics.IndexerMeters;
import io.residua.indexer.wire.WireFormat;
import io.residua.indexer.wire.WireFormat.MalformedRecordException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Reads the records of a stage's internal topic, and sends the stage's dead letters. A malformed record is counted, sent
 * to the dead-letter topic and skipped; one that a later release wrote stops the generation, since skipping it would lose
 * it.
 */
final class InternalRecords {
    static final String MALFORMED = "malformed-internal-record";

    private final ProcessorContext<byte[], Object> context;
    private final String sink;
    private final DeadLetters deadLetters;
    private final IndexerMeters meters;

    InternalRecords(ProcessorContext<byte[], Object> context, String sink, AssignSettings settings) {
        this.context = context;
        this.sink = sink;
        this.deadLetters = settings.deadLetters();
        this.meters = settings.meters();
    }

    /**
     * The record's value, or {@code null} if it was malformed and is taken care of.
     *
     * @throws WireFormat.NewerFormatException if a later release wrote it
     */
    <T> T read(Record<byte[], byte[]> record, WireFormat<T> format, Check<T> check) {
        try {
            if (record.key() == null) {
                throw new MalformedRecordException("the key is null");
            }
            T value = format.fromBytes(record.value());
            check.require(record.key(), value);
            return value;
        } catch (MalformedRecordException e) {
            context.recordMetadata()
                    .ifPresent(metadata -> sendLetter(
                            new ConsumerRecord<>(
                                    metadata.topic(),
                                    metadata.partition(),
                                    metadata.offset(),
                                    record.key(),
                                    record.value()),
                            MALFORMED,
                            e.getMessage()));
            return null;
        }
    }

    /** Sends the dead letter of a source record, in the form that its topic takes. */
    void sendLetter(ConsumerRecord<byte[], byte[]> source, String reason, String cause) {
        deadLetters
                .letter(source, reason, cause)
                .ifPresent(letter -> context.forward(
                        new Record<byte[], Object>(
                                letter.key(), letter.value(), context.currentSystemTimeMs(), letter.headers()),
                        sink));
        meters.refused(reason);
    }

    /** What must hold of a record beyond its form. */
    interface Check<T> {
        /**
         * Checks a value with its key.
         *
         * @throws MalformedRecordException saying what is wrong
         */
        void require(byte[] key, T value);
    }
}
