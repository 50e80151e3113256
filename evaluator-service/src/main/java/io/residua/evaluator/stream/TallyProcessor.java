package io.residua.evaluator.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import io.residua.common.event.ModelVersions;
import io.residua.evaluator.tally.IndexTally;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Second stage, a single task for all partitions: counts the changes and, while there are any, emits the metrics once
 * per interval. After a restart it emits them once more, because the process may have died between counting and
 * emitting.
 */
final class TallyProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    static final String COUNTS = "counts";
    static final String TOTALS = "totals";

    private static final String SOURCE = "/residua/evaluator";

    private final String modelVersion;
    private final List<Integer> codebookSizes;
    private final Duration emitInterval;
    private ProcessorContext<byte[], byte[]> context;
    private IndexTally tally;
    /** Scheduled only while there are changes to report, because each punctuation causes a commit. */
    private Cancellable emission;

    private boolean changed;

    TallyProcessor(String modelVersion, List<Integer> codebookSizes, Duration emitInterval) {
        this.modelVersion = ModelVersions.require(modelVersion);
        this.codebookSizes = List.copyOf(codebookSizes);
        this.emitInterval = emitInterval;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> processorContext) {
        context = processorContext;
        // Also runs after an aborted transaction: the tally is rebuilt from the stores, which are as of the last
        // commit.
        tally = new IndexTally(
                new StreamsCounts(context.getStateStore(COUNTS), context.getStateStore(TOTALS)), codebookSizes);
        reportLater();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        tally.apply(ChangeFormat.readChange(record.value()));
        reportLater();
    }

    private void reportLater() {
        changed = true;
        if (emission == null) {
            emission = context.schedule(emitInterval, PunctuationType.WALL_CLOCK_TIME, this::emit);
        }
    }

    private void emit(long timestamp) {
        if (!changed) {
            close();
            return;
        }
        IndexMetrics metrics = tally.metrics(modelVersion, Instant.ofEpochMilli(timestamp));
        context.forward(new Record<>(
                modelVersion.getBytes(UTF_8),
                Json.write(metrics),
                timestamp,
                CloudEvents.headers(CloudEvents.typeOf(metrics), SOURCE, CloudEvents.JSON)));
        // Readers see the metrics once they are committed.
        context.commit();
        changed = false;
    }

    /** Stops the reports until the next change or start. */
    @Override
    public void close() {
        if (emission != null) {
            emission.cancel();
            emission = null;
        }
    }
}
