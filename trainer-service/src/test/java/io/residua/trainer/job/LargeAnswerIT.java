package io.residua.trainer.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.common.event.TrainingEvent;
import io.residua.common.event.TrainingEvent.Type;
import io.residua.stack.broker.LocalBroker;
import io.residua.trainer.metrics.TestMeters;
import io.residua.trainer.metrics.TrainerMeters;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers that a real producer or broker takes for too large. */
class LargeAnswerIT {
    private static final String EVENTS = "training-events";
    private static final Request.Invalid WRONG = new Request.Invalid("r", Collections.nCopies(20, "wrong".repeat(100)));
    private static final int MAX_BYTES = 4000;

    @TempDir
    Path root;

    @Test
    void answerTooLargeForTheProducerBecomesAShortOne() throws Exception {
        shortAnswerIsGiven(Map.of(), Map.of("max.request.size", MAX_BYTES));
    }

    @Test
    void answerTooLargeForTheTopicBecomesAShortOne() throws Exception {
        shortAnswerIsGiven(Map.of("max.message.bytes", String.valueOf(MAX_BYTES)), Map.of());
    }

    private void shortAnswerIsGiven(Map<String, String> topicSettings, Map<String, Object> clientSettings)
            throws Exception {
        // Given
        try (LocalBroker broker = LocalBroker.start(root.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                TopicLog topics = new TopicLog(broker.bootstrapServers())) {
            NewTopic events = new NewTopic(EVENTS, Optional.of(1), Optional.empty()).configs(topicSettings);
            admin.createTopics(List.of(events)).all().get();
            Map<String, Object> settings = new HashMap<>(clientSettings);
            settings.put("bootstrap.servers", broker.bootstrapServers());
            TrainerMeters meters = TestMeters.create();
            JobQueue jobs = new JobQueue(null, meters);
            jobs.own(Set.of(0));
            EventLog log = new EventLog(new KafkaClients(settings), TestConfig.topics(), new TestConfig(root), meters);
            RequestHandler handler = new RequestHandler(log, jobs, null);
            CountDownLatch acknowledged = new CountDownLatch(1);

            // When
            handler.take(WRONG, 0, acknowledged::countDown);

            // Then
            try {
                assertThat(acknowledged.await(2, TimeUnit.MINUTES)).isTrue();
            } finally {
                handler.close();
            }
            assertThat(topics.events(EVENTS, "r", TrainingEvent.class))
                    .singleElement()
                    .satisfies(event -> assertThat(event.type()).isEqualTo(Type.REJECTED))
                    .satisfies(event -> assertThat(event.reasons()).containsExactly("too large to say why"));
        }
    }
}
