package io.residua.indexer.generation;

import io.residua.common.streams.ThreadReplacement;
import io.residua.indexer.assign.AssignSettings;
import io.residua.indexer.assign.AssignTopology;
import io.residua.indexer.config.IndexerConfig;
import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.WireFormat.NewerFormatException;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jboss.logging.Logger;

/**
 * Prefix stage and item stage of one generation as a Kafka Streams application. Its topics must exist. The service runs
 * it behind the encode stage; a benchmark runs it on requests of its own making.
 */
public final class AssignmentStreams {
    private static final Logger LOG = Logger.getLogger(AssignmentStreams.class);
    private static final ThreadReplacement.Limit REPLACEMENT_LIMIT =
            new ThreadReplacement.Limit(10, Duration.ofMinutes(5));

    private AssignmentStreams() {}

    /**
     * Starts the stages; whoever calls this closes them.
     *
     * @param kafka client settings, the bootstrap servers among them
     * @param instanceId tells this replica from others, the same after a restart
     * @param replicationFactor of the changelog topics
     * @param onThreadReplaced called when a thread has failed and another takes its place
     */
    public static KafkaStreams start(
            Map<String, Object> kafka,
            GenerationTopics topics,
            AssignSettings stages,
            IndexerConfig config,
            String instanceId,
            short replicationFactor,
            Runnable onThreadReplaced) {
        Properties settings = StreamsSettings.of(kafka, topics, config, instanceId, replicationFactor);
        StreamsSettings.limitBatches(settings, stages.deadLetters().maxMessageBytes());
        KafkaStreams streams = new KafkaStreams(AssignTopology.build(topics, stages), settings);
        streams.setUncaughtExceptionHandler(onThreadFailure(topics.application(), onThreadReplaced));
        streams.start();
        return streams;
    }

    /** A failed thread is replaced, within a bound; a record of a later release stops the generation with one line. */
    static StreamsUncaughtExceptionHandler onThreadFailure(String application, Runnable onThreadReplaced) {
        ThreadReplacement replacement = new ThreadReplacement(application, REPLACEMENT_LIMIT, System::nanoTime);
        return e -> {
            NewerFormatException newer = newerFormat(e);
            if (newer != null) {
                LOG.errorf("generation stopped application=%s cause=%s", application, newer.getMessage());
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            }
            StreamThreadExceptionResponse response = replacement.handle(e);
            if (response == StreamThreadExceptionResponse.REPLACE_THREAD) {
                onThreadReplaced.run();
            }
            return response;
        };
    }

    /** The record of a later release that a failure is about; {@code null} if it is about something else. */
    private static NewerFormatException newerFormat(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof NewerFormatException)) {
            cause = cause.getCause();
        }
        return (NewerFormatException) cause;
    }
}
