package io.residua.evaluator.stream;

import java.util.Arrays;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;

/**
 * First stage, by item id: keeps the last code of every item and forwards the change that each record makes. The log
 * order decides. A repeated record changes nothing, so reading the topic again leads to the same state. Items and
 * changes stay in the form of {@link ChangeFormat}.
 */
final class LastCodeProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    static final String STORE = "last-codes";

    private static final Logger LOG = Logger.getLogger(LastCodeProcessor.class);
    /** All changes go to one partition, so they need no key. */
    private static final byte[] NO_KEY = {};

    private final ItemCodeReader reader;
    private final UnreadableCodes unreadable;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], byte[]> lastCodes;

    LastCodeProcessor(ItemCodeReader reader, UnreadableCodes unreadable) {
        this.reader = reader;
        this.unreadable = unreadable;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
        lastCodes = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        byte[] after;
        try {
            after = read(record);
        } catch (IllegalArgumentException e) {
            skip(e);
            return;
        }
        byte[] before = lastCodes.get(record.key());
        if (!Arrays.equals(before, after)) {
            lastCodes.put(record.key(), after);
            byte[] change = ChangeFormat.writeChange(before, after);
            context.forward(new Record<>(NO_KEY, change, record.timestamp(), new RecordHeaders()));
        }
    }

    /** The record's code, {@code null} for a deleted item. */
    private byte[] read(Record<byte[], byte[]> record) {
        if (record.key() == null) {
            throw new IllegalArgumentException("the record has no key, expected an item id");
        }
        return record.value() == null ? null : ChangeFormat.writeItem(reader.read(record.value()));
    }

    /** Logs at growing intervals, because one faulty writer can fill a topic with such records. */
    private void skip(IllegalArgumentException reason) {
        long total = unreadable.count(reader.modelVersion());
        if (Long.bitCount(total) == 1) {
            String position = context.recordMetadata()
                    .map(at -> at.topic() + "-" + at.partition() + "@" + at.offset())
                    .orElse("unknown");
            LOG.warnf("unreadable code skipped position=%s total=%d reason=%s", position, total, reason.getMessage());
        }
    }
}
