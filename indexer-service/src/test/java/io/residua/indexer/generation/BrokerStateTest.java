package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class BrokerStateTest {
    private static final TopicIdentity CODES = GenerationSamples.topic("item-codes-v1", 1);

    private final MemoryTopics topics = new MemoryTopics();
    private final BrokerState broker = new BrokerState(null, topics::reader);

    @Test
    void topicThatTheBrokerDoesNotKnowYetIsNotTakenForAnEmptyOne() {
        // When / Then
        assertThatThrownBy(() -> broker.hasRecords(CODES)).isInstanceOf(UnknownTopicOrPartitionException.class);
    }

    @Test
    void topicOfMarkersAndGapsHoldsNoRecords() {
        // Given
        topics.with(CODES.name(), 1).addGap(CODES.name(), 3);

        // When
        boolean before = broker.hasRecords(CODES);
        topics.add(CODES.name(), new byte[] {1}, new byte[] {2});

        // Then
        assertThat(before).isFalse();
        assertThat(broker.hasRecords(CODES)).isTrue();
    }
}
