package io.residua.indexer.generation;

import io.residua.common.artifact.ArtifactStore;
import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexStatus;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Deletes the data of a retired generation, as listed in its status. All steps are idempotent, so after a crash any
 * replica can repeat them. A status without identity means that nothing is left. Nothing is deleted while a replica
 * still runs the generation.
 */
final class Retirement {
    private static final Logger LOG = Logger.getLogger(Retirement.class);

    private final BrokerState broker;
    private final StatusTopic status;
    private final ArtifactStore store;
    private final boolean artifactsToo;
    private final Clock clock;

    /** {@code artifactsToo}: whether a retired model's files are deleted as well. */
    Retirement(BrokerState broker, StatusTopic status, ArtifactStore store, boolean artifactsToo, Clock clock) {
        this.broker = broker;
        this.status = status;
        this.store = store;
        this.artifactsToo = artifactsToo;
        this.clock = clock;
    }

    /**
     * Deletes a retired generation's groups and internal topics.
     *
     * @param retired its status, which has an identity
     * @param everything whether its codes go too
     * @param keepArtifacts whether its model is still wanted
     * @throws IOException if its artifacts cannot be deleted
     */
    void cleanUp(IndexStatus retired, boolean everything, boolean keepArtifacts) throws IOException {
        IndexIdentity identity = retired.identity();
        List<TopicIdentity> topics = new ArrayList<>(identity.topics());
        if (!everything) {
            topics.removeIf(topic -> topic.name().equals(retired.codesTopic()));
        }
        if (broker.hasMembers(identity.groups()) || !broker.deleteGroups(identity.groups())) {
            return;
        }
        topics.removeIf(topic -> topic.name().equals(retired.codesTopic()) && mayBeOthers(topic));
        broker.deleteTopics(topics);
        if (everything) {
            if (artifactsToo && !keepArtifacts) {
                store.delete(retired.modelVersion());
            }
            status.publish(StatusRecords.gone(retired, clock.instant()));
            LOG.infof("generation deleted version=%s topics=%d", retired.modelVersion(), topics.size());
        } else {
            IndexIdentity codesOnly = identity.withTopics(
                    identity.topic(retired.codesTopic()).stream().toList());
            status.publish(StatusRecords.identified(retired, codesOnly, retired.items()));
            LOG.infof("internal topics deleted version=%s topics=%d", retired.modelVersion(), topics.size());
        }
    }

    /** Internal topics have names that nobody else uses; a codes topic without a recorded id may be anybody's. */
    private boolean mayBeOthers(TopicIdentity codes) {
        if (codes.exists()) {
            return false;
        }
        if (!broker.topics(List.of(codes.name())).isEmpty()) {
            LOG.warnf("codes topic is left, the generation did not record that it is its own topic=%s", codes.name());
        }
        return true;
    }
}
