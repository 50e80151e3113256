package io.residua.evaluator.stream;

import static io.residua.evaluator.MetricsAssert.assertSame;
import static io.residua.evaluator.TestItems.MODEL;
import static io.residua.evaluator.TestItems.SIZES;
import static io.residua.evaluator.TestItems.TIME;
import static io.residua.evaluator.TestItems.recount;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.tally.CodedItem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Both stages over random updates, deletions and repeated records, with commits and crashes at any moment. A crash does
 * what Kafka's transactions do: each stage falls back to its last commit, with its stores and its position in its input,
 * and the changes that the first stage had not committed are gone.
 */
class EvaluationRestartTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @TempDir
    private Path folder;

    private final List<Record<byte[], byte[]>> codes = new ArrayList<>();
    private final List<Record<byte[], byte[]>> changes = new ArrayList<>();
    private final Map<String, CodedItem> items = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void metricsEqualARecountAfterAnyCommitsAndCrashes(long seed) {
        // Given
        Random random = new Random(seed);
        Stage lastCode = new Stage(
                () -> new LastCodeProcessor(new ItemCodeReader(MODEL, SIZES), model -> 0), LastCodeProcessor.STORE);
        Stage tally = new Stage(
                () -> new TallyProcessor(MODEL, SIZES, INTERVAL), TallyProcessor.COUNTS, TallyProcessor.TOTALS);

        for (int step = 0; step < 3000; step++) {
            // When
            switch (random.nextInt(12)) {
                case 0 -> changes.addAll(lastCode.commit());
                case 1 -> tally.commit();
                case 2 -> lastCode.crash(random.nextBoolean());
                case 3 -> tally.crash(random.nextBoolean());
                case 4, 5 -> tally.process(changes);
                default -> {
                    writeCode(random);
                    lastCode.process(codes);
                }
            }
        }
        lastCode.processAll(codes);
        changes.addAll(lastCode.commit());
        tally.processAll(changes);

        // Then
        assertSame(tally.emitted(), recount(items.values(), TIME));
    }

    private void writeCode(Random random) {
        String id = "item-" + random.nextInt(40);
        if (!codes.isEmpty() && random.nextInt(5) == 0) {
            repeat(codes.get(random.nextInt(codes.size())));
        } else if (random.nextInt(4) == 0) {
            write(id, null);
        } else {
            write(id, TestItems.random(random));
        }
    }

    private void repeat(Record<byte[], byte[]> record) {
        String id = new String(record.key(), UTF_8);
        write(id, record.value() == null ? null : new ItemCodeReader(MODEL, SIZES).read(record.value()));
    }

    private void write(String id, CodedItem item) {
        byte[] value = item == null ? null : Json.write(TestItems.record(id, item));
        codes.add(new Record<>(id.getBytes(UTF_8), value, codes.size(), new RecordHeaders()));
        if (item == null) {
            items.remove(id);
        } else {
            items.put(id, item);
        }
    }

    /** A processor with its stores and its position, and both as they were at its last commit. */
    private final class Stage {
        private final Supplier<Processor<byte[], byte[], byte[], byte[]>> processors;
        private final Map<String, Map<byte[], byte[]>> committedStores = new HashMap<>();
        private int committedPosition;
        private MockProcessorContext<byte[], byte[]> context;
        private Processor<byte[], byte[], byte[], byte[]> processor;
        private int position;

        Stage(Supplier<Processor<byte[], byte[], byte[], byte[]>> processors, String... storeNames) {
            this.processors = processors;
            for (String name : storeNames) {
                committedStores.put(name, Map.of());
            }
            crash(true);
        }

        /**
         * Falls back to the last commit.
         *
         * @param wholeProcess whether the processor is a new one, or the same that Streams starts again after an abort
         */
        void crash(boolean wholeProcess) {
            Properties settings = new Properties();
            settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
            settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
            context = new MockProcessorContext<>(settings, new TaskId(0, 0), folder.toFile());
            committedStores.forEach((name, entries) -> {
                KeyValueStore<byte[], byte[]> store = Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray())
                        .withLoggingDisabled()
                        .build();
                store.init(context.getStateStoreContext(), store);
                context.addStateStore(store);
                entries.forEach(store::put);
            });
            if (wholeProcess) {
                processor = processors.get();
            } else {
                processor.close();
            }
            processor.init(context);
            position = committedPosition;
        }

        /** Returns what it forwarded since the last commit. */
        List<Record<byte[], byte[]>> commit() {
            committedPosition = position;
            committedStores.replaceAll((name, entries) -> entriesOf(context.getStateStore(name)));
            List<Record<byte[], byte[]>> forwarded = new ArrayList<>();
            context.forwarded().forEach(captured -> {
                Record<? extends byte[], ? extends byte[]> record = captured.record();
                forwarded.add(new Record<>(record.key(), record.value(), record.timestamp(), record.headers()));
            });
            context.resetForwards();
            return forwarded;
        }

        void process(List<Record<byte[], byte[]>> input) {
            if (position < input.size()) {
                processor.process(input.get(position));
                position++;
            }
        }

        void processAll(List<Record<byte[], byte[]>> input) {
            while (position < input.size()) {
                process(input);
            }
        }

        IndexMetrics emitted() {
            context.resetForwards();
            context.scheduledPunctuators().get(0).getPunctuator().punctuate(0);
            return Json.read(context.forwarded().get(0).record().value(), IndexMetrics.class);
        }

        private static Map<byte[], byte[]> entriesOf(StateStore store) {
            Map<byte[], byte[]> entries = new HashMap<>();
            @SuppressWarnings("unchecked")
            KeyValueStore<byte[], byte[]> typed = (KeyValueStore<byte[], byte[]>) store;
            try (KeyValueIterator<byte[], byte[]> all = typed.all()) {
                all.forEachRemaining(entry -> entries.put(entry.key, entry.value));
            }
            return entries;
        }
    }
}
