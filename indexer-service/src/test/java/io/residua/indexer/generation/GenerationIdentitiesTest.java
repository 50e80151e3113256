package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GenerationIdentitiesTest {
    private static final GenerationTopics TOPICS = GenerationSamples.topics("v1");

    private final FakeBrokerState broker = new FakeBrokerState();
    private final MovableClock clock = new MovableClock();
    private final StatusTopic status = new StatusTopic("index-status", null, clock);
    private final IndexIdentity recorded = GenerationSamples.identity("v1");
    private final GenerationIdentities identities = new GenerationIdentities(
            broker, null, GenerationSamples.topicsConfig(Map.of()), status, GenerationSamples.APPLICATION_ID, clock);

    @BeforeEach
    void everythingIsThere() {
        recorded.topics().forEach(topic -> broker.topics.put(topic.name(), topic));
        broker.topics.put("item-embeddings", recorded.source());
    }

    @Test
    void topicThatALaggingBrokerDoesNotKnowOnceIsNotTakenForDeleted() throws RefusedException {
        // Given
        TopicIdentity codes = broker.topics.remove(TOPICS.codes());
        assertUnconfirmed("was deleted");

        // When
        broker.topics.put(codes.name(), codes);
        IndexIdentity verified = identities.verify("v1", recorded);
        clock.advance(Duration.ofMinutes(1));
        broker.topics.remove(codes.name());

        // Then
        assertThat(verified).isEqualTo(recorded);
        assertUnconfirmed("was deleted");
    }

    @Test
    void topicThatIsStillUnknownLaterIsTakenForDeleted() {
        // Given
        broker.topics.remove(TOPICS.codes());
        assertUnconfirmed("was deleted");
        clock.advance(Duration.ofSeconds(1));
        assertUnconfirmed("was deleted");

        // When
        clock.advance(Duration.ofSeconds(10));

        // Then
        assertThatThrownBy(() -> identities.verify("v1", recorded))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("item-codes-v1, which the index of v1 was built on, was deleted");
    }

    @Test
    void otherReasonMustBeConfirmedToo() {
        // Given
        broker.topics.remove(TOPICS.codes());
        assertUnconfirmed("was deleted");
        clock.advance(Duration.ofSeconds(10));

        // When
        broker.topics.put(TOPICS.codes(), GenerationSamples.topic(TOPICS.codes(), 4));

        // Then
        assertUnconfirmed("was created anew");
    }

    @Test
    void findingOfAnEarlierRunOfTheGenerationIsNotConfirmedByAFirstOneOfTheNext() {
        // Given
        broker.topics.remove(TOPICS.codes());
        assertUnconfirmed("was deleted");

        // When the generation is closed, and opened an hour later
        clock.advance(Duration.ofHours(1));

        // Then
        assertUnconfirmed("was deleted");
    }

    @Test
    void generationKeepsThePartitionsItOpenedWithAndWarnsOnceOfOthers() throws RefusedException {
        // Given
        TopicIdentity codes = broker.topics.get(TOPICS.codes());
        broker.topics.put(codes.name(), new TopicIdentity(codes.name(), codes.id(), 9));

        try (LogLines log = new LogLines(GenerationIdentities.class)) {
            // When / Then
            assertThat(identities.verify("v1", recorded)).isEqualTo(recorded);
            assertThat(identities.verify("v1", recorded)).isEqualTo(recorded);
            assertThat(log.records).hasSize(1);
        }
    }

    private void assertUnconfirmed(String what) {
        assertThatThrownBy(() -> identities.verify("v1", recorded))
                .isInstanceOf(UnknownTopicOrPartitionException.class)
                .hasMessageStartingWith("to be confirmed: ")
                .hasMessageContaining(what);
    }
}
