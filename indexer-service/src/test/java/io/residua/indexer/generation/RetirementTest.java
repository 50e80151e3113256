package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.artifact.DirectoryArtifactStore;
import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.event.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetirementTest {
    private static final String CODES = "item-codes-v1";

    @TempDir
    private Path folder;

    private final IndexStatus retired = GenerationSamples.retired("v1");
    private final IndexIdentity identity = retired.identity();
    private final FakeBrokerState broker = new FakeBrokerState();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final StatusTopic status = new StatusTopic("index-status", producer, new MovableClock());
    private Path artifacts;

    @BeforeEach
    void everythingIsThere() throws IOException {
        identity.topics().forEach(topic -> broker.topics.put(topic.name(), topic));
        broker.topics.put("item-embeddings", identity.source());
        broker.groups.addAll(identity.groups());
        artifacts = Files.createDirectories(folder.resolve("v1"));
    }

    @Test
    void groupsAndInternalTopicsGoAtOnceAndTheCodesStay() throws IOException {
        // When
        retirement(false).cleanUp(retired, false, false);

        // Then
        assertThat(broker.groups).isEmpty();
        assertThat(broker.topics).containsOnlyKeys("item-embeddings", CODES);
        assertThat(lastStatus().identity().topics())
                .extracting(TopicIdentity::name)
                .containsExactly(CODES);
        assertThat(artifacts).exists();
    }

    @Test
    void everythingGoesAfterTheGracePeriodExceptTheSource() throws IOException {
        // When
        retirement(true).cleanUp(retired, true, false);

        // Then
        assertThat(broker.topics).containsOnlyKeys("item-embeddings");
        assertThat(lastStatus().identity()).isNull();
        assertThat(lastStatus().state()).isEqualTo(IndexStatus.State.RETIRED);
        assertThat(artifacts).doesNotExist();
    }

    @Test
    void artifactsOfAModelThatIsAskedForAgainAreKept() throws IOException {
        // When
        retirement(true).cleanUp(retired, true, true);

        // Then
        assertThat(broker.topics).containsOnlyKeys("item-embeddings");
        assertThat(artifacts).exists();
    }

    @Test
    void nothingIsDeletedWhileAReplicaRunsTheGeneration() throws IOException {
        // Given
        broker.groupsWithMembers.add(identity.groups().get(1));

        // When
        retirement(true).cleanUp(retired, true, false);

        // Then
        assertThat(broker.topics).hasSize(identity.topics().size() + 1);
        assertThat(broker.groups).hasSize(2);
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void topicThatWasCreatedAnewUnderTheSameNameIsKept() throws IOException {
        // Given
        TopicIdentity anew = GenerationSamples.topic(CODES, 4);
        broker.topics.put(CODES, anew);

        // When
        retirement(false).cleanUp(retired, true, false);

        // Then
        assertThat(broker.topics).containsEntry(CODES, anew).hasSize(2);
    }

    @Test
    void codesTopicThatIsNotRecordedIsLeftAndInternalTopicsAreDeleted() throws IOException {
        // Given
        IndexStatus withoutIds = StatusRecords.identified(
                retired,
                identity.withTopics(identity.topics().stream()
                        .map(topic -> new TopicIdentity(topic.name(), null, topic.partitions()))
                        .toList()),
                null);

        // When
        retirement(false).cleanUp(withoutIds, true, false);

        // Then
        assertThat(broker.topics).containsOnlyKeys("item-embeddings", CODES);
        assertThat(lastStatus().identity()).isNull();
    }

    @Test
    void retirementThatWasInterruptedAnywhereIsFinishedByTheNextReplica() throws IOException {
        int changes = identity.groups().size() + identity.topics().size();
        for (int interrupted = 0; interrupted < changes; interrupted++) {
            // Given
            everythingIsThere();
            producer.clear();
            broker.changesUntilFailure = interrupted;
            assertThatThrownBy(() -> retirement(true).cleanUp(retired, true, false))
                    .isInstanceOf(TimeoutException.class);
            assertThat(producer.history()).isEmpty();

            // When
            broker.changesUntilFailure = Integer.MAX_VALUE;
            retirement(true).cleanUp(retired, true, false);

            // Then
            assertThat(broker.groups).as("interrupted at %d", interrupted).isEmpty();
            assertThat(broker.topics).as("interrupted at %d", interrupted).containsOnlyKeys("item-embeddings");
            assertThat(lastStatus().identity()).isNull();
            assertThat(artifacts).doesNotExist();
        }
    }

    private Retirement retirement(boolean artifactsToo) {
        return new Retirement(broker, status, new DirectoryArtifactStore(folder), artifactsToo, new MovableClock());
    }

    private IndexStatus lastStatus() {
        List<ProducerRecord<byte[], byte[]>> sent = producer.history();
        ProducerRecord<byte[], byte[]> last = sent.get(sent.size() - 1);
        assertThat(new String(last.key(), UTF_8)).isEqualTo("v1");
        return Json.read(last.value(), IndexStatus.class);
    }
}
