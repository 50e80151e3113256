package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.indexer.wire.SourcePosition;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KafkaSourceRecordsTest {
    private static final String TOPIC = "item-embeddings";

    private final MemoryTopics topics = new MemoryTopics().with(TOPIC, 1);
    private int failures;
    private final KafkaSourceRecords records = new KafkaSourceRecords(
            () -> {
                if (failures-- > 0) {
                    throw new DisconnectException("away");
                }
                return topics.reader();
            },
            TOPIC);

    @BeforeEach
    void threeRecordsOfWhichOneIsCompacted() {
        topics.add(TOPIC, new byte[] {0}, new byte[] {10});
        topics.addGap(TOPIC, 1);
        topics.add(TOPIC, new byte[] {2}, new byte[] {12});
        topics.addGap(TOPIC, 1);
    }

    @AfterEach
    void close() {
        records.close();
    }

    @Test
    void recordsAreFoundInAnyOrder() throws Exception {
        // When / Then
        assertThat(read(0, 2))
                .hasValueSatisfying(record -> assertThat(record.value()).containsExactly(12));
        assertThat(read(0, 0))
                .hasValueSatisfying(record -> assertThat(record.value()).containsExactly(10));
    }

    @Test
    void recordThatCompactionRemovedIsGone() throws Exception {
        // When / Then
        assertThat(read(0, 1)).isEmpty();
        assertThat(read(0, 3)).isEmpty();
    }

    @Test
    void partitionThatDoesNotExistHasNoRecords() throws Exception {
        // When / Then
        assertThat(read(7, 0)).isEmpty();
        assertThat(read(0, 0)).isPresent();
    }

    @Test
    void topicThatTheBrokerDoesNotKnowYetFailsTheRead() throws Exception {
        // Given
        try (KafkaSourceRecords unknown = new KafkaSourceRecords(topics::reader, "other")) {
            // When
            var failed = unknown.read(new SourcePosition(0, 0, 0));

            // Then
            assertThat(failed)
                    .failsWithin(java.time.Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    void brokerThatIsAwayFailsTheReadAndTheNextOneTriesAgain() throws Exception {
        // Given
        failures = 1;

        // When
        var failed = records.read(new SourcePosition(0, 0, 0));

        // Then
        assertThat(failed).failsWithin(java.time.Duration.ofSeconds(10));
        assertThat(read(0, 0)).isPresent();
    }

    @Test
    void readersCreateNoTopics() {
        // When / Then
        assertThat(KafkaSourceRecords.settings(Map.of())).containsEntry("allow.auto.create.topics", false);
        assertThat(KafkaClients.readerSettings(Map.of("allow.auto.create.topics", true)))
                .containsEntry("allow.auto.create.topics", false)
                .containsEntry("isolation.level", "read_committed");
    }

    private Optional<ConsumerRecord<byte[], byte[]>> read(int partition, long offset) throws Exception {
        return records.read(new SourcePosition(partition, offset, 0)).get(10, TimeUnit.SECONDS);
    }
}
