package io.residua.indexer.assign;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.test.TestRecord;

/** One stage in a driver of its own. An aborted transaction leaves its stores, and what it sent, as if it had not been. */
final class StageDriver implements AutoCloseable {
    private final BiConsumer<Topology, Function<String, KeyValueBytesStoreSupplier>> stage;
    private final String inputTopic;
    private final Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
    private TopologyTestDriver driver;
    private Instant now = Instant.ofEpochMilli(1_000_000);

    StageDriver(BiConsumer<Topology, Function<String, KeyValueBytesStoreSupplier>> stage, String inputTopic) {
        this.stage = stage;
        this.inputTopic = inputTopic;
        start();
    }

    private void start() {
        Topology topology = new Topology();
        stage.accept(topology, name -> MapStore.supplier(name, stores.computeIfAbsent(name, store -> new TreeMap<>())));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, "target/streams-" + UUID.randomUUID());
        driver = new TopologyTestDriver(topology, properties, now);
    }

    void process(TestRecord<byte[], byte[]> record) {
        driver.createInputTopic(inputTopic, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(record);
    }

    void advance(Duration time) {
        now = now.plus(time);
        driver.advanceWallClockTime(time);
    }

    /** What the stage has sent to a topic since the last call. */
    List<TestRecord<byte[], byte[]>> sent(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** Processes records in a transaction that is then aborted: the stage starts again from what was committed. */
    void abort(List<TestRecord<byte[], byte[]>> records, Duration time) {
        Map<String, NavigableMap<Bytes, byte[]>> committed = new HashMap<>();
        stores.forEach((name, rows) -> committed.put(name, new TreeMap<>(rows)));
        records.forEach(this::process);
        driver.advanceWallClockTime(time);
        restart(committed);
    }

    /** Closes the stage and starts it anew on its stores. */
    void restart() {
        driver.close();
        start();
    }

    private void restart(Map<String, NavigableMap<Bytes, byte[]>> committed) {
        driver.close();
        stores.forEach((name, rows) -> {
            rows.clear();
            rows.putAll(committed.getOrDefault(name, new TreeMap<>()));
        });
        start();
    }

    /** The rows of a store. */
    NavigableMap<Bytes, byte[]> rows(String store) {
        return stores.get(store);
    }

    @Override
    public void close() {
        driver.close();
    }
}
