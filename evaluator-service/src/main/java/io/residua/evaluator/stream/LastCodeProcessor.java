package io.residua.evaluator.stream;

import io.residua.common.event.ItemCode;
import io.residua.common.event.Json;
import io.residua.common.event.ModelVersions;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jboss.logging.Logger;

/**
 * First stage, by item id: keeps the last code of every item and says what each record changes. The log's order decides:
 * a record that repeats what is known changes nothing, and reading the topic once more ends where it ended before.
 */
final class LastCodeProcessor implements Processor<byte[], byte[], byte[], Change> {
    static final String STORE = "last-codes";

    private static final Logger LOG = Logger.getLogger(LastCodeProcessor.class);

    private final String modelVersion;
    private final List<Integer> codebookSizes;
    private final UnreadableCodes unreadable;
    private ProcessorContext<byte[], Change> context;
    private KeyValueStore<byte[], CodedItem> lastCodes;

    LastCodeProcessor(String modelVersion, List<Integer> codebookSizes, UnreadableCodes unreadable) {
        this.modelVersion = ModelVersions.require(modelVersion);
        this.codebookSizes = List.copyOf(codebookSizes);
        this.unreadable = unreadable;
    }

    @Override
    public void init(ProcessorContext<byte[], Change> processorContext) {
        context = processorContext;
        lastCodes = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        CodedItem after;
        try {
            after = read(record);
        } catch (IllegalArgumentException e) {
            skip(e);
            return;
        }
        CodedItem before = lastCodes.get(record.key());
        if (!Objects.equals(before, after)) {
            lastCodes.put(record.key(), after);
            context.forward(record.withValue(new Change(before, after)).withHeaders(new RecordHeaders()));
        }
    }

    /** The record's code, {@code null} for a deleted item. */
    private CodedItem read(Record<byte[], byte[]> record) {
        if (record.key() == null) {
            throw new IllegalArgumentException("the record has no key, expected an item id");
        }
        if (record.value() == null) {
            return null;
        }
        ItemCode code = Json.read(record.value(), ItemCode.class);
        if (!code.modelVersion().equals(modelVersion)) {
            throw new IllegalArgumentException(
                    "modelVersion is '" + code.modelVersion() + "', expected '" + modelVersion + "'");
        }
        CodedItem item = CodedItem.of(code);
        item.requireEntriesOf(codebookSizes);
        return item;
    }

    /** One bad writer can fill a topic with such records, so they are logged ever more seldom. */
    private void skip(IllegalArgumentException reason) {
        long total = unreadable.count(modelVersion);
        if (Long.bitCount(total) == 1) {
            String position = context.recordMetadata()
                    .map(at -> at.topic() + "-" + at.partition() + "@" + at.offset())
                    .orElse("unknown");
            LOG.warnf("unreadable code skipped position=%s total=%d reason=%s", position, total, reason.getMessage());
        }
    }
}
