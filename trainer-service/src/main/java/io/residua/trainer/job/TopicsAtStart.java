package io.residua.trainer.job;

import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/** Makes sure of the topics before anything subscribes, however long the broker is away. */
final class TopicsAtStart {
    private static final Logger LOG = Logger.getLogger(TopicsAtStart.class);
    /** Tombstones outlive a consumer that was away for a week. */
    private static final Duration TOMBSTONES_KEPT = Duration.ofDays(7);

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final KafkaClients clients;
    private final TopicsConfig topics;
    private final Duration pause;

    TopicsAtStart(KafkaClients clients, TopicsConfig topics) {
        this(clients, topics, PAUSE);
    }

    TopicsAtStart(KafkaClients clients, TopicsConfig topics, Duration pause) {
        this.clients = clients;
        this.topics = topics;
        this.pause = pause;
    }

    /**
     * Returns when all topics are there. A shutdown of the program ends the waiting.
     *
     * @throws TopicException if a topic is missing or different, which does not pass
     */
    void ensure() {
        // The program's own shutdown waits for the end of its start.
        Thread stop = new Thread(Thread.currentThread()::interrupt, "stop-waiting-for-broker");
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            while (!ensured()) {
                TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while waiting for the broker", e);
        } finally {
            forget(stop);
        }
    }

    private boolean ensured() {
        try (Admin admin = clients.admin()) {
            Topics topicAdmin = new Topics(admin, topics);
            topicAdmin.ensureInput(TopicSpec.compacted(topics.itemEmbeddings(), topics.partitions())
                    .withTombstonesKept(TOMBSTONES_KEPT));
            topicAdmin.ensure(
                    TopicSpec.log(topics.trainingRequests(), topics.partitions()),
                    TopicSpec.log(topics.trainingEvents(), topics.partitions()),
                    TopicSpec.compacted(topics.models(), 1));
            return true;
        } catch (KafkaException e) {
            if (e instanceof TopicException topic && !topic.isRetriable()) {
                throw e;
            }
            LOG.errorf("topics not ensured, trying again cause=%s", e.getMessage());
            return false;
        }
    }

    private static void forget(Thread stop) {
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException e) {
            LOG.debugf("shutting down already cause=%s", e.getMessage());
        }
    }
}
