package io.residua.evaluator.generation;

import io.residua.common.event.ModelPublished;
import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.config.EvaluatorConfig;
import io.residua.evaluator.stream.Evaluation;
import io.residua.evaluator.stream.EvaluationStreams;
import io.residua.evaluator.stream.EvaluationTopology;
import io.residua.evaluator.stream.UnreadableCodes;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;

/**
 * Starts evaluations as Kafka Streams clients. Deletes their consumer groups and internal topics when they are retired.
 *
 * @param replica the open folder of this replica, there before the first evaluation starts
 */
record StreamsLauncher(
        EvaluatorConfig config,
        Supplier<ReplicaFolder> replica,
        TopicsConfig topicNames,
        Map<String, Object> kafka,
        Admin admin,
        Topics topics,
        UnreadableCodes unreadable)
        implements Generations.Launcher {
    private static final Logger LOG = Logger.getLogger(StreamsLauncher.class);
    private static final long TIMEOUT_SECONDS = 30;

    @Override
    public Set<String> existing(Collection<String> names) {
        return topics.existing(names);
    }

    @Override
    public Evaluation start(ModelPublished model, String codesTopic) {
        EvaluationTopology topology = new EvaluationTopology(
                model.modelVersion(),
                model.manifest().model().codebookSizes(),
                codesTopic,
                topicNames.indexMetrics(),
                config.emitInterval(),
                unreadable);
        return EvaluationStreams.start(
                topology, config, replica.get().instanceId(), kafka, topicNames.replicationFactor());
    }

    @Override
    public void retire(Evaluation evaluation) {
        evaluation.retire();
        try {
            remove(evaluation);
        } catch (ExecutionException | TimeoutException | TopicException e) {
            LOG.warnf(e, "internal topics not removed application=%s", evaluation.applicationId());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The last replica that leaves the group deletes the group and its topics. */
    private void remove(Evaluation evaluation) throws ExecutionException, InterruptedException, TimeoutException {
        try {
            get(admin.deleteConsumerGroups(List.of(evaluation.applicationId())).all());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupNotEmptyException) {
                return;
            }
            if (!(e.getCause() instanceof GroupIdNotFoundException)) {
                throw e;
            }
        }
        // One by one, because all() reports only one failure, which may be a harmless one.
        for (KafkaFuture<Void> deletion : admin.deleteTopics(topics.existing(evaluation.internalTopics()))
                .topicNameValues()
                .values()) {
            await(deletion);
        }
    }

    /** Another replica may have deleted the topic first. */
    private static void await(KafkaFuture<Void> deletion)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            get(deletion);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    private static <T> T get(KafkaFuture<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
}
