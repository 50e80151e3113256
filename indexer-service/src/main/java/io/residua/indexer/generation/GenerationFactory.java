package io.residua.indexer.generation;

import io.residua.common.event.CloudEvents;
import io.residua.common.event.ModelPublished;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.metrics.IndexerMeters;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;

/** Creates a {@link GenerationControl} with its Kafka clients. */
final class GenerationFactory {
    private final IndexerConfig config;
    private final TopicsConfig topicNames;
    private final KafkaClients clients;
    private final GenerationOpener.Replica replica;
    private final IndexerMeters meters;
    private final GenerationListener listener;

    GenerationFactory(
            IndexerConfig config,
            TopicsConfig topicNames,
            KafkaClients clients,
            GenerationOpener.Replica replica,
            IndexerMeters meters,
            GenerationListener listener) {
        this.config = config;
        this.topicNames = topicNames;
        this.clients = clients;
        this.replica = replica;
        this.meters = meters;
        this.listener = listener;
    }

    /** A control loop and the clients it uses, closed together. */
    record Started(GenerationControl control, Deque<AutoCloseable> clients) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            control.close();
            for (AutoCloseable client : clients) {
                client.close();
            }
        }
    }

    /** Ensures that the topics exist, and reads them. */
    Started start() {
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            Admin admin = clients.admin();
            opened.push(admin);
            Topics topics = new Topics(admin, topicNames);
            ensureTopics(topics);
            GenerationControl control = control(admin, topics);
            opened.push(control);
            control.start();
            opened.remove(control);
            return new Started(control, opened);
        } catch (RuntimeException e) {
            for (AutoCloseable client : opened) {
                closeAfter(e, client);
            }
            throw e;
        }
    }

    private GenerationControl control(Admin admin, Topics topics) {
        Clock clock = Clock.systemUTC();
        Producer<byte[], byte[]> producer = clients.producer();
        BrokerState broker = new BrokerState(admin, clients::reader);
        StatusTopic status = new StatusTopic(topicNames.indexStatus(), producer, clock);
        GenerationIdentities identities =
                new GenerationIdentities(broker, topics, topicNames, status, config.applicationId(), clock);
        GenerationControl.Parts parts = new GenerationControl.Parts(
                status,
                model -> publish(model, producer),
                new RunningGenerations(meters, listener),
                new GenerationOpener(config, topicNames, clients, admin, identities, replica, meters),
                identities::verify,
                new Retirement(broker, status, replica.store(), config.retireArtifacts(), clock),
                new InternalTopicPurge(admin, meters));
        return new GenerationControl(config, topicNames, clients.reader(), parts, clock);
    }

    private void publish(ModelPublished model, Producer<byte[], byte[]> producer) {
        KafkaClients.await(producer.send(
                CloudEvents.record(topicNames.models(), model.modelVersion(), model, StatusTopic.SOURCE)));
    }

    private void ensureTopics(Topics topics) {
        topics.ensureInput(TopicSpec.compacted(topicNames.itemEmbeddings(), topicNames.partitions())
                .withTombstonesKept(Duration.ofDays(7)));
        topics.ensure(
                TopicSpec.log(topicNames.itemEmbeddingsDlq(), topicNames.partitions()),
                TopicSpec.compacted(topicNames.models(), 1),
                TopicSpec.compacted(topicNames.indexStatus(), 1));
    }

    private static void closeAfter(RuntimeException failure, AutoCloseable client) {
        try {
            client.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }
}
