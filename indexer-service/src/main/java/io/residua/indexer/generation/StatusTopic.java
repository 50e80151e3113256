package io.residua.indexer.generation;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.IndexStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.jboss.logging.Logger;

/**
 * What {@code index-status} says, and this replica's voice there. What it says itself it knows when it has read it back: a
 * record that was lost is said again. Used by the control loop's thread.
 */
final class StatusTopic implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(StatusTopic.class);

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private final Map<String, IndexStatus> known = new HashMap<>();

    StatusTopic(String topic, Producer<byte[], byte[]> producer) {
        this.topic = topic;
        this.producer = producer;
    }

    /** A record of the topic was read; {@code status} is {@code null} for a tombstone. */
    void learn(String modelVersion, IndexStatus status) {
        if (status == null) {
            known.remove(modelVersion);
        } else {
            known.put(modelVersion, status);
        }
    }

    /** The latest status of a model; {@code null} if there is none. */
    IndexStatus of(String modelVersion) {
        return known.get(modelVersion);
    }

    /** Says how far a generation is, if that is news. */
    void tell(Generation generation) {
        IndexStatus status = status(generation);
        IndexStatus last = known.get(generation.modelVersion());
        boolean older =
                last != null && last.state() == IndexStatus.State.READY && status.state() == IndexStatus.State.BUILDING;
        boolean news = last == null
                || last.state() != status.state()
                || (status.state() == IndexStatus.State.BUILDING && last.done() != status.done());
        if (news && !older) {
            send(status);
        }
    }

    /** Says that a generation is closed for good here. */
    void tellRetired(Generation generation) {
        IndexStatus last = status(generation);
        send(new IndexStatus(
                last.modelVersion(),
                IndexStatus.State.RETIRED,
                last.codesTopic(),
                last.sourceTopicId(),
                last.done(),
                last.total(),
                null,
                Instant.now()));
    }

    /** Says that a model cannot be used; if that need not hold for all replicas, unless another one uses it. */
    void tellRefused(String modelVersion, String codesTopic, RefusedException refusal) {
        IndexStatus last = known.get(modelVersion);
        if (last == null || last.state() == IndexStatus.State.REFUSED || refusal.holdsForAll()) {
            String sourceTopicId = last == null ? null : last.sourceTopicId();
            send(new IndexStatus(
                    modelVersion,
                    IndexStatus.State.REFUSED,
                    codesTopic,
                    sourceTopicId,
                    0,
                    0,
                    refusal.getMessage(),
                    Instant.now()));
        }
    }

    private static IndexStatus status(Generation generation) {
        GenerationState state = generation.state();
        long done = 0;
        long total = 0;
        IndexStatus.State told = IndexStatus.State.BUILDING;
        if (state instanceof GenerationState.Building building) {
            done = building.done();
            total = building.total();
        } else if (state instanceof GenerationState.Ready ready) {
            done = ready.total();
            total = ready.total();
            told = IndexStatus.State.READY;
        }
        return new IndexStatus(
                generation.modelVersion(),
                told,
                generation.topics().codes(),
                generation.sourceTopicId(),
                done,
                total,
                null,
                Instant.now());
    }

    private void send(IndexStatus status) {
        producer.send(CloudEvents.record(topic, status.modelVersion(), status, "/residua/indexer"), (metadata, e) -> {
            if (e != null) {
                LOG.warnf(e, "status not sent version=%s state=%s", status.modelVersion(), status.state());
            }
        });
    }

    @Override
    public void close() {
        producer.close(java.time.Duration.ofSeconds(5));
    }
}
