package io.residua.trainer.job;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.Json;
import io.residua.common.event.ModelPublished;
import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.common.topic.TopicTail;
import io.residua.common.topic.TopicsConfig;
import io.residua.trainer.config.TrainerConfig;
import io.residua.trainer.metrics.TrainerMeters;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.Producer;
import org.jboss.logging.Logger;

/**
 * Reads and writes {@code training-events}. A request gets exactly one terminal event: to end it, a replica takes over
 * the transactional id of the request's partition, which fences every earlier owner, then checks whether the request
 * has ended, and only then writes. Thread-safe.
 */
@ApplicationScoped
public class EventLog {
    private static final Logger LOG = Logger.getLogger(EventLog.class);
    private static final String SOURCE = "/residua/trainer";
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final KafkaClients clients;
    private final TopicsConfig topics;
    private final TrainerConfig config;
    private final TrainerMeters meters;
    private Producer<byte[], byte[]> producer;

    EventLog(KafkaClients clients, TopicsConfig topics, TrainerConfig config, TrainerMeters meters) {
        this.clients = clients;
        this.topics = topics;
        this.config = config;
        this.meters = meters;
    }

    /** The last event of a request; empty if there is none. Reads the whole topic. */
    Optional<Type> lastOf(String requestId) {
        byte[] key = requestId.getBytes(StandardCharsets.UTF_8);
        Type[] last = new Type[1];
        try (TopicTail events = new TopicTail(clients.reader(), Set.of(topics.trainingEvents()))) {
            events.readToInitialEnds(() -> false, record -> {
                boolean ended = last[0] != null && last[0].terminal();
                if (!ended && Arrays.equals(key, record.key()) && record.value() != null) {
                    last[0] = typeOf(record.value()).orElse(last[0]);
                }
            });
        }
        return Optional.ofNullable(last[0]);
    }

    private static Optional<Type> typeOf(byte[] value) {
        try {
            return Optional.of(Json.read(value, TrainingEvent.class).type());
        } catch (IllegalArgumentException e) {
            LOG.warnf("event of another kind passed over cause=%s", e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether {@code models} has a model of that version. Reads the whole topic. */
    boolean announced(String modelVersion) {
        byte[] key = modelVersion.getBytes(StandardCharsets.UTF_8);
        boolean[] there = new boolean[1];
        try (TopicTail models = new TopicTail(clients.reader(), Set.of(topics.models()))) {
            models.readToInitialEnds(() -> false, record -> {
                if (Arrays.equals(key, record.key())) {
                    there[0] = record.value() != null;
                }
            });
        }
        return there[0];
    }

    /** Writes a non-terminal event without waiting for the acknowledgement. */
    synchronized void publish(TrainingEvent event) {
        if (producer == null) {
            producer = clients.producer();
        }
        producer.send(
                CloudEvents.record(topics.trainingEvents(), event.requestId(), event, SOURCE), (metadata, failure) -> {
                    if (failure != null) {
                        LOG.warnf("event not written request=%s cause=%s", event.requestId(), failure.getMessage());
                    }
                });
    }

    /** Waits until all written events are acknowledged. */
    synchronized void flush() {
        if (producer != null) {
            producer.flush();
        }
    }

    /**
     * Writes the terminal event of a request, and its model if there is one, in one transaction, unless the request has
     * ended.
     *
     * @param partition the request's partition
     * @param ending a terminal event; its reasons are written as {@link Reasons} bounds them
     * @return whether the event was written
     */
    synchronized boolean end(int partition, TrainingEvent ending, Optional<ModelPublished> model) {
        TrainingEvent event = withBoundedReasons(ending);
        flush();
        String transactionalId = config.applicationId() + "-" + topics.trainingRequests() + "-" + partition;
        Producer<byte[], byte[]> transactional = clients.transactionalProducer(transactionalId);
        try {
            transactional.initTransactions();
            if (lastOf(event.requestId()).filter(Type::terminal).isPresent()) {
                return false;
            }
            transactional.beginTransaction();
            // A failed send fails the commit.
            model.ifPresent(published -> transactional.send(
                    CloudEvents.record(topics.models(), published.modelVersion(), published, SOURCE)));
            transactional.send(CloudEvents.record(topics.trainingEvents(), event.requestId(), event, SOURCE));
            transactional.commitTransaction();
            meters.ended(event.type());
            LOG.infof("request ended request=%s as=%s reasons=%s", event.requestId(), event.type(), event.reasons());
            return true;
        } finally {
            transactional.close(CLOSE_TIMEOUT);
        }
    }

    private static TrainingEvent withBoundedReasons(TrainingEvent event) {
        return new TrainingEvent(
                event.requestId(),
                event.type(),
                event.time(),
                event.modelVersion(),
                event.progress(),
                Reasons.bounded(event.reasons()));
    }

    @PreDestroy
    synchronized void close() {
        if (producer != null) {
            producer.close(CLOSE_TIMEOUT);
        }
    }
}
