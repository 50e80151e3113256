package io.residua.evaluator.generation;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.residua.common.event.IndexMetrics;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.TopicTail;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.config.EvaluatorConfig;
import io.residua.evaluator.dashboard.MetricsView;
import io.residua.evaluator.metrics.EvaluatorMeters;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Runs the evaluator's control thread: ensures the topics, follows {@code models}, {@code index-status} and
 * {@code index-metrics}, and opens and retires evaluations.
 */
@ApplicationScoped
public class EvaluatorService {
    private static final Logger LOG = Logger.getLogger(EvaluatorService.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final EvaluatorConfig config;
    private final TopicsConfig names;
    private final Map<String, Object> kafka;
    private final MetricsView view;
    private final EvaluatorMeters meters;
    private final Admin admin;
    private final Topics topics;
    private final Generations generations;
    private final Map<String, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>>> handlers;
    private final Thread thread = new Thread(this::run, "evaluator");

    private volatile ReplicaFolder folder;
    private volatile TopicTail tail;
    private volatile String trouble = "not connected yet";
    private volatile boolean caughtUp;
    private volatile boolean stopping;
    private volatile boolean failed;

    EvaluatorService(
            EvaluatorConfig config,
            TopicsConfig names,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            MetricsView view,
            EvaluatorMeters meters) {
        this.config = config;
        this.names = names;
        this.kafka = kafka;
        this.view = view;
        this.meters = meters;
        admin = Admin.create(kafka);
        topics = new Topics(admin, names);
        generations = new Generations(new StreamsLauncher(config, () -> folder, names, kafka, admin, topics, meters));
        handlers = Map.of(
                names.models(), reader(ModelPublished.class, generations::model),
                names.indexStatus(), reader(IndexStatus.class, generations::status),
                names.indexMetrics(), reader(IndexMetrics.class, this::show));
    }

    void start(@Observes StartupEvent event) {
        try {
            folder = ReplicaFolder.open(config.stateDir());
            thread.start();
        } catch (IOException e) {
            trouble = e.getMessage();
            fail(() -> LOG.errorf("not started: %s", e.getMessage()));
        }
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException, IOException {
        stopping = true;
        TopicTail polling = tail;
        if (polling == null) {
            thread.interrupt();
        } else {
            polling.wakeup();
        }
        thread.join();
        admin.close();
        if (folder != null) {
            folder.close();
        }
    }

    /**
     * Whether the broker is connected, the topics have been read up to their initial ends, and no state is being
     * restored.
     */
    public boolean isReady() {
        return caughtUp && tail.isConnected() && generations.allRunning();
    }

    /** Why the topics cannot be read; {@code null} if they can. */
    public String trouble() {
        return trouble;
    }

    /** Whether the control thread or an evaluation has failed for good. */
    public boolean isFailed() {
        return failed || generations.anyFailed();
    }

    /** The versions of all published models. */
    public List<String> models() {
        return generations.models();
    }

    /** The states of the open evaluations by model version. */
    public Map<String, String> evaluations() {
        return generations.states();
    }

    private void run() {
        try (generations;
                TopicTail following = openWhenBrokerIsThere()) {
            tail = following;
            trouble = null;
            while (!stopping) {
                following.poll(POLL, record -> handlers.get(record.topic()).accept(record));
                caughtUp = caughtUp || following.hasReachedInitialEnds();
                if (caughtUp) {
                    reconcile();
                }
            }
        } catch (WakeupException | InterruptException e) {
            LOG.debugf("evaluator stopped");
        } catch (TopicException e) {
            // Its message names the problem and the remedy; no stack trace is needed.
            fail(() -> LOG.errorf("evaluator ended: %s", e.getMessage()));
        } catch (RuntimeException e) {
            fail(() -> LOG.errorf(e, "evaluator ended"));
        }
    }

    private void fail(Runnable log) {
        if (!stopping) {
            failed = true;
            log.run();
            Quarkus.asyncExit(1);
        }
    }

    private void reconcile() {
        try {
            generations.reconcile();
        } catch (TopicException e) {
            LOG.warnf("topics not listed, asking again reason=%s", e.getMessage());
        }
    }

    /** Retries until the broker answers, because the evaluator may start before it. */
    private TopicTail openWhenBrokerIsThere() {
        while (true) {
            try {
                return open();
            } catch (TopicException | RetriableException e) {
                if (e instanceof TopicException lasting && !lasting.isRetriable()) {
                    throw e;
                }
                trouble = e.getMessage();
                LOG.warnf("topics not opened, trying again reason=%s", e.getMessage());
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private TopicTail open() {
        topics.ensure(
                TopicSpec.compacted(names.models(), 1),
                TopicSpec.compacted(names.indexStatus(), 1),
                TopicSpec.compactedLog(names.indexMetrics(), 1));
        return new TopicTail(consumer(), handlers.keySet());
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "residua-evaluator-tail");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void show(String version, IndexMetrics metrics) {
        view.show(version, metrics);
        meters.show(view.newest());
    }

    /** Decodes keys and values, {@code null} for tombstones. Skips unreadable records with a warning. */
    private static <T> java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader(
            Class<T> type, BiConsumer<String, T> consumer) {
        return record -> {
            if (record.key() == null) {
                LOG.warnf("record without key skipped topic=%s offset=%d", record.topic(), record.offset());
                return;
            }
            T value;
            try {
                value = record.value() == null ? null : Json.read(record.value(), type);
            } catch (IllegalArgumentException e) {
                LOG.warnf(
                        "unreadable record skipped topic=%s offset=%d reason=%s",
                        record.topic(), record.offset(), e.getMessage());
                return;
            }
            consumer.accept(new String(record.key(), UTF_8), value);
        };
    }
}
