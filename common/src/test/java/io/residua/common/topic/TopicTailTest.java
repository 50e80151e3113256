package io.residua.common.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class TopicTailTest {
    private static final TopicPartition FIRST = new TopicPartition("topic", 0);
    private static final TopicPartition SECOND = new TopicPartition("topic", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final List<String> values = new ArrayList<>();

    TopicTailTest() {
        consumer.updatePartitions("topic", List.of(info(FIRST), info(SECOND)));
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
    }

    @Test
    void readsAllPartitionsUpToTheirCapturedEnds() {
        // Given
        TopicTail tail = tail(1, 1);
        add(FIRST, 0, "a");
        add(FIRST, 1, "later");
        add(SECOND, 0, "b");

        // When
        boolean reached = tail.readToInitialEnds(() -> false, this::keep);

        // Then
        assertThat(reached).isTrue();
        assertThat(values).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void topicThatTheBrokerDoesNotKnowIsNotTakenForAnEmptyOne() {
        // When / Then
        assertThatThrownBy(() -> new TopicTail(consumer, List.of("topic", "other")))
                .isInstanceOf(UnknownTopicOrPartitionException.class)
                .hasMessageContaining("other");
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void stopsBeforeTheEndWhenAskedTo() {
        // Given
        TopicTail tail = tail(2, 0);
        add(FIRST, 0, "a");

        // When
        boolean reached = tail.readToInitialEnds(() -> !values.isEmpty(), this::keep);

        // Then
        assertThat(reached).isFalse();
        assertThat(values).containsExactly("a");
    }

    @Test
    void followsTheTopicBeyondItsInitialEnds() {
        // Given
        TopicTail tail = tail(1, 0);
        boolean reachedBefore = tail.hasReachedInitialEnds();
        add(FIRST, 0, "a");
        tail.poll(Duration.ZERO, this::keep);
        add(FIRST, 1, "b");

        // When
        tail.poll(Duration.ZERO, this::keep);

        // Then
        assertThat(reachedBefore).isFalse();
        assertThat(tail.hasReachedInitialEnds()).isTrue();
        assertThat(values).containsExactly("a", "b");
    }

    @Test
    void closesTheConsumerWhenTheBrokerDoesNotAnswer() {
        // Given
        consumer.setOffsetsException(new TimeoutException("no answer"));

        // When
        assertThatThrownBy(() -> tail(1, 1)).isInstanceOf(TimeoutException.class);

        // Then
        assertThat(consumer.closed()).isTrue();
    }

    private TopicTail tail(long firstEnd, long secondEnd) {
        consumer.updateEndOffsets(Map.of(FIRST, firstEnd, SECOND, secondEnd));
        return new TopicTail(consumer, Set.of("topic"));
    }

    private void add(TopicPartition partition, long offset, String value) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(), partition.partition(), offset, "key".getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    private void keep(ConsumerRecord<byte[], byte[]> record) {
        values.add(new String(record.value(), UTF_8));
    }

    private static PartitionInfo info(TopicPartition partition) {
        return new PartitionInfo(partition.topic(), partition.partition(), Node.noNode(), new Node[0], new Node[0]);
    }
}
