package io.residua.indexer.generation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.indexer.wire.GenerationTopics;
import io.residua.indexer.wire.PrefixCommand.Request;
import io.residua.indexer.wire.PrefixCommandV2;
import io.residua.indexer.wire.SourcePosition;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildProgressTest {
    private static final GenerationTopics TOPICS = GenerationSamples.topics("v1");
    private static final String EMBEDDINGS = TOPICS.embeddings();
    private static final String REQUESTS = TOPICS.requests();
    private static final String WAITING = TOPICS.application() + "-waiting-changelog";
    private static final String GRANTS = TOPICS.grants();
    private static final byte[] KEY = {1};

    private final MemoryTopics topics = new MemoryTopics()
            .with(EMBEDDINGS, 2)
            .with(REQUESTS, 2)
            .with(WAITING, 2)
            .with(GRANTS, 2);
    private BuildProgress progress;

    @BeforeEach
    void open() {
        topics.add(EMBEDDINGS, KEY, KEY);
        topics.add(EMBEDDINGS, KEY, KEY);
        progress = BuildProgress.open(topics, topics::reader, TOPICS);
    }

    @AfterEach
    void close() {
        progress.close();
    }

    @Test
    void eachStageIsFollowedToTheEndThatTheOneBeforeItLeft() {
        // When / Then
        assertThat(progress.isComplete()).isFalse();
        topics.add(REQUESTS, KEY, request(0));
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        assertThat(progress.isComplete()).isFalse();
        assertThat(progress.done()).isEqualTo(2).isEqualTo(progress.total());

        topics.add(WAITING, KEY, KEY);
        topics.commitAll(TOPICS.application(), REQUESTS);
        assertThat(progress.isComplete()).isFalse();

        topics.add(WAITING, KEY, null);
        topics.add(GRANTS, KEY, KEY);
        assertThat(progress.isComplete()).isFalse();

        topics.commitAll(TOPICS.application(), GRANTS);
        assertThat(progress.isComplete()).isTrue();
        assertThat(progress.floor().offsets()).isEqualTo(Map.of(0, 2L, 1, 0L));
    }

    @Test
    void whatComesAfterTheOpeningIsNotWaitedFor() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(EMBEDDINGS, KEY, KEY);
        topics.add(REQUESTS, KEY, request(0));
        assertThat(progress.isComplete()).isFalse();

        // When
        topics.commitAll(TOPICS.application(), REQUESTS);
        topics.add(REQUESTS, KEY, request(0));

        // Then
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void requestThatAnotherPrefixPassedOnIsFollowedInAPassOfItsOwn() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(REQUESTS, KEY, request(0));
        assertThat(progress.isComplete()).isFalse();

        // When
        topics.commitAll(TOPICS.application(), REQUESTS);
        topics.add(REQUESTS, KEY, request(1));
        topics.commitAll(TOPICS.application(), REQUESTS);
        topics.add(WAITING, KEY, KEY);

        // Then
        assertThat(progress.isComplete()).isFalse();
        topics.add(WAITING, KEY, null);
        assertThat(progress.isComplete()).isFalse();
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void requestsThatWerePurgedUnreadMayHaveBeenPassedOn() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(REQUESTS, KEY, request(0));
        assertThat(progress.isComplete()).isFalse();
        topics.add(REQUESTS, KEY, request(1));
        topics.commit(TOPICS.application(), REQUESTS, 2);
        topics.purge(REQUESTS, 2);

        // When
        boolean firstPass = progress.isComplete();
        boolean secondPass = progress.isComplete();

        // Then
        assertThat(firstPass).isFalse();
        assertThat(secondPass).isTrue();
    }

    @Test
    void passesEndAfter65BecauseNoItemTriesMorePrefixes() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.onEnds = topic -> {
            if (topic.equals(WAITING)) {
                topics.add(REQUESTS, KEY, request(1));
                topics.commitAll(TOPICS.application(), REQUESTS);
            }
        };

        // When
        int looks = 0;
        while (!progress.isComplete() && looks < 200) {
            looks++;
        }

        // Then
        assertThat(topics.endsAsked.get(WAITING)).isEqualTo(65);
    }

    @Test
    void waitingStoreIsReadOnceHoweverManyPassesThereAre() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        for (int i = 0; i < 100; i++) {
            topics.add(WAITING, new byte[] {(byte) i}, KEY);
            topics.add(WAITING, new byte[] {(byte) i}, null);
        }
        topics.onEnds = topic -> {
            if (topic.equals(WAITING) && topics.endsAsked.get(WAITING) <= 5) {
                topics.add(WAITING, KEY, KEY);
                topics.add(WAITING, KEY, null);
                topics.add(REQUESTS, KEY, request(1));
                topics.commitAll(TOPICS.application(), REQUESTS);
            }
        };

        // When
        for (int looks = 0; !progress.isComplete(); looks++) {
            assertThat(looks).isLessThan(20);
        }

        // Then
        assertThat(topics.endsAsked.get(WAITING)).isEqualTo(6);
        assertThat(topics.recordsRead.get(WAITING)).isEqualTo(2 * 105);
    }

    @Test
    void keyThatBeganToWaitBeforeThePassIsWaitedForInIt() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(WAITING, KEY, KEY);
        assertThat(progress.isComplete()).isFalse();
        topics.add(WAITING, new byte[] {2}, KEY);
        topics.add(REQUESTS, KEY, request(1));
        topics.commitAll(TOPICS.application(), REQUESTS);
        topics.add(WAITING, KEY, null);

        // When
        boolean firstPass = progress.isComplete();
        boolean secondPass = progress.isComplete();
        topics.add(WAITING, new byte[] {2}, null);

        // Then
        assertThat(firstPass).isFalse();
        assertThat(secondPass).isFalse();
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void openTransactionMayHideARequestThatWaits() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.beginTransaction(WAITING);
        topics.add(WAITING, KEY, KEY);
        boolean whileOpen = progress.isComplete();

        // When
        topics.commitTransaction(WAITING);
        boolean afterwards = progress.isComplete();
        topics.add(WAITING, KEY, null);

        // Then
        assertThat(whileOpen).isFalse();
        assertThat(afterwards).isFalse();
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void markersAndGapsThatNoCommitCoversAreNotWaitedFor() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(GRANTS, KEY, KEY);
        topics.commitAll(TOPICS.application(), GRANTS);
        topics.addGap(GRANTS, 3);
        topics.addGap(REQUESTS, 1);

        // When / Then
        assertThat(progress.isComplete()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests", "waiting", "grants"})
    void brokerThatDoesNotSayWhereAStageEndsIsAskedAgain(String silent) {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(GRANTS, KEY, KEY);
        topics.onEnds = failingOnce(Map.of("requests", REQUESTS, "waiting", WAITING, "grants", GRANTS)
                .get(silent));
        assertThatThrownBy(progress::isComplete).isInstanceOf(TimeoutException.class);

        // When
        boolean withUnreadGrant = progress.isComplete();
        topics.commitAll(TOPICS.application(), GRANTS);

        // Then
        assertThat(withUnreadGrant).isFalse();
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void brokerThatDoesNotSayWhereAPassEndsIsAskedAgain() {
        // Given
        topics.commitAll(TOPICS.encodeGroup(), EMBEDDINGS);
        topics.add(WAITING, KEY, KEY);
        assertThat(progress.isComplete()).isFalse();
        topics.add(WAITING, KEY, null);
        topics.add(GRANTS, KEY, KEY);
        topics.onEnds = failingOnce(REQUESTS);
        assertThatThrownBy(progress::isComplete).isInstanceOf(TimeoutException.class);

        // When
        boolean withUnreadGrant = progress.isComplete();
        topics.commitAll(TOPICS.application(), GRANTS);

        // Then
        assertThat(withUnreadGrant).isFalse();
        assertThat(progress.isComplete()).isTrue();
    }

    @Test
    void topicThatTheBrokerDoesNotKnowYetIsNotTakenForAnEmptyOne() {
        // Given
        MemoryTopics lagging =
                new MemoryTopics().with(EMBEDDINGS, 1).with(REQUESTS, 1).with(WAITING, 1);
        try (BuildProgress empty = BuildProgress.open(lagging, lagging::reader, TOPICS)) {
            // When
            boolean unknown = empty.isComplete();
            lagging.with(GRANTS, 1);

            // Then
            assertThat(unknown).isFalse();
            assertThat(empty.isComplete()).isTrue();
        }
    }

    @Test
    void sourceThatTheBrokerDoesNotKnowIsNotTakenForAnEmptyOne() {
        // Given
        MemoryTopics lagging = new MemoryTopics();

        // When / Then
        assertThatThrownBy(() -> BuildProgress.open(lagging, lagging::reader, TOPICS))
                .isInstanceOf(UnknownTopicOrPartitionException.class)
                .hasMessageContaining(EMBEDDINGS);
    }

    private static Consumer<String> failingOnce(String topic) {
        AtomicBoolean failed = new AtomicBoolean();
        return asked -> {
            if (asked.equals(topic) && !failed.getAndSet(true)) {
                throw new TimeoutException("no answer about " + topic);
            }
        };
    }

    @Test
    void sourceOfDeletionsAloneHasNoEmbeddings() {
        // Given
        MemoryTopics deletions = new MemoryTopics().with(EMBEDDINGS, 1);
        deletions.add(EMBEDDINGS, KEY, null);

        // When
        try (BuildProgress empty = BuildProgress.open(deletions, deletions::reader, TOPICS)) {
            // Then
            assertThat(empty.sourceHasEmbeddings()).isFalse();
            assertThat(progress.sourceHasEmbeddings()).isTrue();
        }
    }

    @Test
    void sourceThatCannotBeReadIsNotTakenForOneWithoutEmbeddings() {
        // Given
        MemoryTopics source = new MemoryTopics().with(EMBEDDINGS, 1);
        source.add(EMBEDDINGS, KEY, null);
        source.beginTransaction(EMBEDDINGS);
        source.add(EMBEDDINGS, KEY, KEY);
        try (BuildProgress building = BuildProgress.open(source, source::reader, TOPICS)) {
            assertThatThrownBy(building::sourceHasEmbeddings).isInstanceOf(TimeoutException.class);

            // When
            source.commitTransaction(EMBEDDINGS);

            // Then
            assertThat(building.sourceHasEmbeddings()).isTrue();
            assertThat(source.recordsRead).containsEntry(EMBEDDINGS, 2);
        }
    }

    private static byte[] request(int spills) {
        return new PrefixCommandV2()
                .toBytes(new Request(
                        "item".getBytes(UTF_8),
                        new SourcePosition(0, 0, 0),
                        1,
                        1,
                        new int[] {1, 2},
                        new float[] {1},
                        spills));
    }
}
