package io.residua.trainer.job;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.residua.common.topic.TopicsConfig;
import io.residua.trainer.config.TrainerConfig;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.jboss.logging.Logger;

/**
 * Reads {@code training-requests} ahead of the running job, so that a cancellation is seen, and commits a request when
 * it has ended and all before it have. Whoever owns a request's partition owns its job.
 */
@ApplicationScoped
@Identifier(TrainingRequests.CHANNEL)
public class TrainingRequests implements KafkaConsumerRebalanceListener {
    static final String CHANNEL = "training-requests";
    /** Before the channels subscribe. */
    private static final int BEFORE_MESSAGING = 10;

    private static final Logger LOG = Logger.getLogger(TrainingRequests.class);

    private final KafkaClients clients;
    private final TopicsConfig topics;
    private final TrainerConfig config;
    private final RequestHandler handler;
    private final JobQueue jobs;
    private final Installation installation;

    TrainingRequests(
            KafkaClients clients,
            TopicsConfig topics,
            TrainerConfig config,
            RequestHandler handler,
            JobQueue jobs,
            Installation installation) {
        this.clients = clients;
        this.topics = topics;
        this.config = config;
        this.handler = handler;
        this.jobs = jobs;
        this.installation = installation;
    }

    void start(@Observes @Priority(BEFORE_MESSAGING) StartupEvent event) {
        LOG.infof("trainer starts device=%s", installation.actualDevice());
        new TopicsAtStart(clients, topics).ensure();
        jobs.start();
    }

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        handler.close();
        jobs.close();
    }

    /** Takes a request. It is acknowledged when it has ended. */
    @Incoming(CHANNEL)
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    CompletionStage<Void> receive(Message<byte[]> message) {
        @SuppressWarnings("unchecked")
        IncomingKafkaRecordMetadata<byte[], byte[]> metadata =
                message.getMetadata(IncomingKafkaRecordMetadata.class).orElseThrow();
        ConsumerRecord<byte[], byte[]> record = metadata.getRecord();
        Request request = read(record);
        LOG.infof(
                "request received request=%s kind=%s partition=%d offset=%d",
                request.requestId(), request.getClass().getSimpleName(), record.partition(), record.offset());
        handler.take(request, record.partition(), () -> acknowledge(message, request.requestId()));
        return CompletableFuture.completedStage(null);
    }

    private Request read(ConsumerRecord<byte[], byte[]> record) {
        String fallbackId = record.topic() + "-" + record.partition() + "-" + record.offset();
        return Request.read(record.key(), record.value(), fallbackId, config.dataRoot());
    }

    private static void acknowledge(Message<byte[]> message, String requestId) {
        message.ack().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warnf("request not acknowledged request=%s cause=%s", requestId, failure.getMessage());
            }
        });
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        jobs.own(numbers(partitions));
    }

    @Override
    public void onPartitionsRevoked(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        jobs.release(numbers(partitions));
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        onPartitionsRevoked(consumer, partitions);
    }

    private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::partition).collect(Collectors.toSet());
    }

    /** What a replica must say of itself to be known again after a restart, however it ended. */
    @ApplicationScoped
    static class Membership {
        /** Settings that the channel's consumer gets beside its configuration. */
        @jakarta.enterprise.inject.Produces
        @jakarta.inject.Singleton
        @Identifier(CHANNEL)
        Map<String, Object> settings(TrainerConfig config) throws IOException {
            return Map.of("group.instance.id", ReplicaId.of(config.stateDir()));
        }
    }
}
