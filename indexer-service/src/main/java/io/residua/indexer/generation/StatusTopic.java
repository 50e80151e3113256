package io.residua.indexer.generation;

import static io.residua.indexer.generation.KafkaClients.await;
import static java.util.stream.Collectors.toMap;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.Producer;
import org.jboss.logging.Logger;

/**
 * Reads and writes {@code index-status}. Reads its own records back from the topic, so that all replicas see the same
 * state. A record that got lost is written again. Used by the control loop's thread.
 */
final class StatusTopic implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StatusTopic.class);
    /** {@code ce_source} of this service's records. */
    static final String SOURCE = "/residua/indexer";

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    /** How long a pin is written again, because another replica's concurrent record may undo it. */
    private static final Duration PIN_TIMEOUT = Duration.ofSeconds(30);

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private final Clock clock;
    private final Map<String, IndexStatus> known = new HashMap<>();
    private final Map<String, PinRequest> pinRequests = new HashMap<>();

    /** The wanted pin of a version, and until when it is verified. */
    private record PinRequest(boolean pinned, Instant deadline) {}

    StatusTopic(String topic, Producer<byte[], byte[]> producer, Clock clock) {
        this.topic = topic;
        this.producer = producer;
        this.clock = clock;
    }

    /** Applies a record of the topic; {@code status} is {@code null} for a tombstone. */
    void onRecord(String modelVersion, IndexStatus status) {
        if (status == null) {
            known.remove(modelVersion);
        } else {
            known.put(modelVersion, status);
        }
    }

    /** The latest status of a version; {@code null} if there is none. */
    IndexStatus of(String modelVersion) {
        return known.get(modelVersion);
    }

    /** The states of all versions. */
    Map<String, GenerationState> states() {
        return known.entrySet().stream()
                .collect(toMap(Map.Entry::getKey, entry -> StatusRecords.state(entry.getValue())));
    }

    /** The pinned versions. */
    Set<String> pinned() {
        Set<String> pinned = new HashSet<>();
        known.forEach((version, status) -> {
            PinRequest request = pinRequests.get(version);
            if (request == null ? status.isPinned() : request.pinned()) {
                pinned.add(version);
            }
        });
        return pinned;
    }

    /** Writes a status without waiting. The control loop writes a lost record again. */
    void publish(IndexStatus status) {
        producer.send(CloudEvents.record(topic, status.modelVersion(), status, SOURCE), (metadata, e) -> {
            if (e != null) {
                LOG.warnf(e, "status not sent version=%s state=%s", status.modelVersion(), status.state());
            }
        });
    }

    /** Writes a status and waits for the acknowledgement. For statuses that must be durable before the next step. */
    void publishAndWait(IndexStatus status) {
        await(producer.send(CloudEvents.record(topic, status.modelVersion(), status, SOURCE)));
        known.put(status.modelVersion(), status);
    }

    /** Pins or unpins a known version. */
    void pin(String modelVersion, boolean pinned) {
        pinRequests.put(modelVersion, new PinRequest(pinned, clock.instant().plus(PIN_TIMEOUT)));
        publishPins();
    }

    /** Writes requested pins again that the topic does not show. */
    void publishPins() {
        Instant now = clock.instant();
        pinRequests.values().removeIf(request -> now.isAfter(request.deadline()));
        pinRequests.forEach((version, request) -> {
            IndexStatus status = known.get(version);
            if (status != null && status.isPinned() != request.pinned()) {
                publish(status.withPinned(request.pinned(), now));
            }
        });
    }

    @Override
    public void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
