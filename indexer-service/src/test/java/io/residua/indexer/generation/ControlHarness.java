package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.indexer.metrics.IndexerMeters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A control loop whose topics are in memory, and whose pipelines are as far as a test says. */
final class ControlHarness {
    final MovableClock clock = new MovableClock();
    final FakeBrokerState broker = new FakeBrokerState();
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final Map<String, FakePipeline> pipelines = new HashMap<>();
    final Map<String, Throwable> openFailures = new HashMap<>();
    final List<String> opened = new ArrayList<>();
    final List<String> purged = new ArrayList<>();
    final Map<String, Runnable> duringOpen = new HashMap<>();
    final Map<String, RefusedException> verifyFailures = new HashMap<>();
    final List<String> heard = new ArrayList<>();
    final GenerationControl control;

    private final GenerationListener listener = new GenerationListener() {
        @Override
        public void onOpened(OpenedGeneration generation) {
            heard.add("opened " + generation.modelVersion() + " "
                    + generation.codes().name());
        }

        @Override
        public void onClosed(String modelVersion) {
            heard.add("closed " + modelVersion);
        }

        @Override
        public void onRetired(String modelVersion) {
            heard.add("retired " + modelVersion);
        }
    };
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private int delivered;

    ControlHarness(Path folder, Map<String, String> settings) {
        for (String topic : List.of("models", "index-status")) {
            ends.put(new TopicPartition(topic, 0), 0L);
        }
        consumer.updateBeginningOffsets(ends);
        consumer.updateEndOffsets(ends);
        Map<String, String> all = new HashMap<>(settings);
        all.put("residua.index.application-id", GenerationSamples.APPLICATION_ID);
        all.put("residua.index.state-dir", folder.toString());
        StatusTopic status = new StatusTopic("index-status", producer, clock);
        IndexerMeters meters = new IndexerMeters(registry);
        InternalTopicPurge purge = new InternalTopicPurge(null, meters) {
            @Override
            void purge(io.residua.indexer.wire.GenerationTopics topics) {
                purged.add(topics.codes());
            }
        };
        control = new GenerationControl(
                GenerationSamples.indexerConfig(all),
                GenerationSamples.topicsConfig(Map.of()),
                consumer,
                new GenerationControl.Parts(
                        status,
                        this::publish,
                        new RunningGenerations(meters, listener),
                        this::open,
                        this::verify,
                        new Retirement(broker, status, new DirectoryArtifactStore(folder), false, clock),
                        purge),
                clock);
    }

    private Generation open(ModelPublished model, IndexStatus known) throws RefusedException {
        String version = model.modelVersion();
        opened.add(version);
        duringOpen.getOrDefault(version, () -> {}).run();
        Throwable failure = openFailures.get(version);
        if (failure instanceof RefusedException refused) {
            throw refused;
        } else if (failure instanceof RuntimeException e) {
            throw e;
        } else if (failure instanceof Error e) {
            throw e;
        }
        boolean again = known != null && known.identity() != null;
        IndexIdentity identity = again ? known.identity() : GenerationSamples.identity(version);
        GenerationState state = again ? StatusRecords.state(known) : null;
        GenerationState.Ready ready = state instanceof GenerationState.Ready was ? was : null;
        return new Generation(version, GenerationSamples.topics(version), identity, pipeline(version), ready);
    }

    private IndexIdentity verify(String version, IndexIdentity recorded) throws RefusedException {
        RefusedException failure = verifyFailures.get(version);
        if (failure != null) {
            throw failure;
        }
        return recorded;
    }

    FakePipeline pipeline(String version) {
        return pipelines.computeIfAbsent(version, v -> new FakePipeline());
    }

    /** A model's record comes. */
    void publish(ModelPublished model) {
        add("models", model.modelVersion().getBytes(UTF_8), Json.write(model));
    }

    void publish(String version) {
        publish(GenerationSamples.model(version));
    }

    /** A status that another process wrote comes. */
    void status(IndexStatus status) {
        add("index-status", status.modelVersion().getBytes(UTF_8), Json.write(status));
    }

    private void add(String topic, byte[] key, byte[] value) {
        TopicPartition partition = new TopicPartition(topic, 0);
        long offset = ends.merge(partition, 1L, Long::sum) - 1;
        consumer.addRecord(new ConsumerRecord<>(topic, 0, offset, key, value));
        consumer.updateEndOffsets(ends);
    }

    /** Reads, reconciles, and lets what was written be read. */
    void reconcile() {
        control.poll();
        control.reconcileOnce();
        deliver();
        control.poll();
        clock.advance(Duration.ofSeconds(1));
    }

    void reconcile(int count) {
        for (int i = 0; i < count; i++) {
            reconcile();
        }
    }

    /** Lets what was written be read. */
    void deliver() {
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        for (; delivered < sent.size(); delivered++) {
            ProducerRecord<byte[], byte[]> record = sent.get(delivered);
            add(record.topic(), record.key(), record.value());
        }
    }

    /** Lets a generation have answered everything, with a code for each of {@code items}. */
    void complete(String version, long items) {
        pipeline(version).complete = true;
        pipeline(version).items = new IndexStatus.Items(items, 0);
        reconcile(5);
    }

    /** What was written last about a version. */
    IndexStatus written(String version) {
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        for (int i = sent.size() - 1; i >= 0; i--) {
            if (new String(sent.get(i).key(), UTF_8).equals(version)) {
                return Json.read(sent.get(i).value(), IndexStatus.class);
            }
        }
        return null;
    }

    /** How many statuses were written about a version. */
    int count(String version) {
        return (int) producer.history().stream()
                .filter(record -> new String(record.key(), UTF_8).equals(version))
                .count();
    }
}
