package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.device.Device;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.IndexerConfig;
import io.residua.indexer.IndexerMeters;
import io.residua.indexer.generation.GenerationState.Ready;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Decides which generations run on this replica: the newest model's, and the one that was newest before until the newer
 * one is ready. One thread does all of it: reads {@code models} and {@code index-status} from their beginnings, opens and
 * closes generations, reports their progress and purges their topics.
 */
final class GenerationControl implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GenerationControl.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(15);

    private static final Comparator<ModelPublished> AGE =
            Comparator.comparing(ModelPublished::time).thenComparing(ModelPublished::modelVersion);

    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;
    private final StatusTopic status;
    private final GenerationOpener opener;
    private final InternalTopicPurge purge;
    private final Map<String, ModelPublished> models = new HashMap<>();
    private final Map<String, Refusal> refused = new HashMap<>();
    private volatile List<Generation> generations = List.of();
    private volatile boolean caughtUp;
    private long nextLook;
    private long nextPurge;

    GenerationControl(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            ArtifactStore store,
            Device device,
            String instanceId,
            IndexerMeters meters) {
        this.config = config;
        this.topicNames = topicNames;
        this.admin = clients.admin();
        this.consumer = clients.reader();
        this.status = new StatusTopic(topicNames.indexStatus(), clients.producer());
        this.opener = new GenerationOpener(config, topicNames, clients, admin, store, device, instanceId, meters);
        this.purge = new InternalTopicPurge(admin, meters);
    }

    /** The running generations, oldest first. */
    List<Generation> generations() {
        return generations;
    }

    /** Whether all models published so far have been seen. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    /** Makes sure of the topics and reads what is in {@code models} and {@code index-status}. */
    void start() {
        Topics topics = new Topics(admin, topicNames);
        topics.ensureInput(TopicSpec.compacted(topicNames.itemEmbeddings(), topicNames.partitions())
                .withTombstonesKept(Duration.ofDays(7)));
        topics.ensure(
                TopicSpec.log(topicNames.itemEmbeddingsDlq(), topicNames.partitions()),
                TopicSpec.compacted(topicNames.models(), 1),
                TopicSpec.compacted(topicNames.indexStatus(), 1));
        List<TopicPartition> read =
                List.of(new TopicPartition(topicNames.models(), 0), new TopicPartition(topicNames.indexStatus(), 0));
        consumer.assign(read);
        consumer.seekToBeginning(read);
        Map<TopicPartition, Long> ends = consumer.endOffsets(read);
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            consumer.poll(POLL).forEach(this::learn);
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("reading " + read + " took more than " + START_PATIENCE.toSeconds() + " s");
            }
        }
        caughtUp = true;
        LOG.infof("models read count=%d", models.size());
    }

    /** One turn of the loop. */
    void turn() {
        consumer.poll(POLL).forEach(this::learn);
        long now = System.nanoTime();
        if (now - nextLook >= 0) {
            nextLook = now + LOOK_INTERVAL.toNanos();
            openWanted();
            advance();
            closeSuperseded();
        }
        if (now - nextPurge >= 0) {
            nextPurge = now + config.purgeInterval().toNanos();
            closeThoseWhoseSourceIsGone();
            generations.stream().filter(Generation::isSpokesman).forEach(g -> purge.purge(g.topics()));
        }
    }

    private void learn(ConsumerRecord<byte[], byte[]> record) {
        String version = new String(record.key(), UTF_8);
        try {
            if (record.topic().equals(topicNames.models())) {
                learnModel(version, record.value());
            } else {
                status.learn(version, record.value() == null ? null : Json.read(record.value(), IndexStatus.class));
            }
        } catch (IllegalArgumentException e) {
            LOG.warnf(
                    "record not understood, ignored topic=%s offset=%d cause=%s",
                    record.topic(), record.offset(), e.getMessage());
        }
    }

    private void learnModel(String version, byte[] value) {
        refused.remove(version);
        models.remove(version);
        if (value != null) {
            ModelPublished model = Json.read(value, ModelPublished.class);
            if (!model.modelVersion().equals(version)) {
                throw new IllegalArgumentException("key is " + version + ", but the model is " + model.modelVersion());
            }
            models.put(version, model);
        }
    }

    /** The newest model runs, and until its index is ready the newest of those that are ready runs beside it. */
    private void openWanted() {
        List<ModelPublished> newestFirst = models.values().stream()
                .filter(model -> mayOpen(model.modelVersion()))
                .sorted(AGE.reversed())
                .toList();
        for (ModelPublished model : newestFirst) {
            boolean newest = model.equals(newestFirst.get(0));
            boolean ready = isReady(model.modelVersion());
            if ((newest || ready) && !isOpen(model.modelVersion())) {
                open(model);
            }
            if (ready) {
                return;
            }
        }
    }

    private boolean isOpen(String version) {
        return generations.stream()
                .anyMatch(generation -> generation.modelVersion().equals(version));
    }

    private boolean isReady(String version) {
        IndexStatus told = status.of(version);
        return (told != null && told.state() == IndexStatus.State.READY)
                || generations.stream()
                        .anyMatch(generation ->
                                generation.modelVersion().equals(version) && generation.state() instanceof Ready);
    }

    /** A refused model is tried again after a while: its files may only be on their way to this machine. */
    private boolean mayOpen(String version) {
        Refusal refusal = refused.get(version);
        return refusal == null || System.nanoTime() - refusal.tryAgain() >= 0;
    }

    private void open(ModelPublished model) {
        String version = model.modelVersion();
        try {
            Generation generation = opener.open(model, status.of(version));
            List<Generation> more = new ArrayList<>(generations);
            more.add(generation);
            more.sort(Comparator.comparing(open -> models.get(open.modelVersion()), Comparator.nullsFirst(AGE)));
            generations = List.copyOf(more);
            refused.remove(version);
            if (status.of(version) == null) {
                status.tell(generation);
            }
        } catch (RefusedException e) {
            refuse(version, e);
        }
    }

    private void refuse(String version, RefusedException e) {
        Refusal before = refused.put(version, new Refusal(e.getMessage(), System.nanoTime() + TRY_AGAIN.toNanos()));
        if (before == null || !before.reason().equals(e.getMessage())) {
            LOG.errorf("model refused version=%s reason=%s", version, e.getMessage());
            status.tellRefused(version, topicNames.itemCodes(version), e);
        }
    }

    private void closeThoseWhoseSourceIsGone() {
        for (Generation generation : generations) {
            try {
                opener.requireSameSource(generation);
            } catch (RefusedException e) {
                refuse(generation.modelVersion(), e);
                close(generation);
            }
        }
    }

    private void close(Generation generation) {
        List<Generation> kept = new ArrayList<>(generations);
        kept.remove(generation);
        generations = List.copyOf(kept);
        generation.close();
    }

    private void advance() {
        for (Generation generation : generations) {
            generation.advance();
            if (generation.isSpokesman()) {
                status.tell(generation);
            }
        }
    }

    /** Closes what is older than the newest ready generation, and what has no model any more. */
    private void closeSuperseded() {
        List<Generation> open = generations;
        int newestReady = -1;
        for (int i = 0; i < open.size(); i++) {
            newestReady = open.get(i).state() instanceof Ready ? i : newestReady;
        }
        for (int i = 0; i < open.size(); i++) {
            Generation generation = open.get(i);
            if (i < newestReady || !models.containsKey(generation.modelVersion())) {
                if (generation.isSpokesman()) {
                    status.tellRetired(generation);
                }
                close(generation);
            }
        }
    }

    /** Why a model could not be opened, and the {@link System#nanoTime} at which to try again. */
    private record Refusal(String reason, long tryAgain) {}

    @Override
    public void close() {
        generations.forEach(Generation::close);
        generations = List.of();
        status.close();
        consumer.close();
        admin.close();
    }
}
