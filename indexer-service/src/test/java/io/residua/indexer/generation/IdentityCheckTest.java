package io.residua.indexer.generation;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IdentityCheckTest {
    private static final IdentityCheck.Configuration CONFIGURATION =
            new IdentityCheck.Configuration(2, GenerationSamples.APPLICATION_ID, "item-embeddings");

    private static final Set<String> SINKS = GenerationSamples.topics("v1").sinks();

    private final IndexIdentity recorded = GenerationSamples.identity("v1");
    private final Map<String, TopicIdentity> there = new HashMap<>();

    @BeforeEach
    void allTopicsExist() {
        recorded.topics().forEach(topic -> there.put(topic.name(), topic));
        there.put("item-embeddings", recorded.source());
    }

    @Test
    void unchangedGenerationGoesOn() {
        // When / Then
        assertThatCode(() -> {
                    IdentityCheck.requireConfiguration("v1", recorded, CONFIGURATION);
                    IdentityCheck.requireTopics("v1", recorded, there, SINKS);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void otherInternalFormatIsRefusedOnThisReplica() {
        // Given
        IndexIdentity older =
                new IndexIdentity(1, recorded.applicationId(), recorded.source(), recorded.groups(), recorded.topics());

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireConfiguration("v1", older, CONFIGURATION),
                false,
                "index of v1 has the internal format 1, this release reads 2");
    }

    @Test
    void otherApplicationIdIsRefusedOnThisReplica() {
        // Given
        IndexIdentity other = new IndexIdentity(2, "other", recorded.source(), recorded.groups(), recorded.topics());

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireConfiguration("v1", other, CONFIGURATION),
                false,
                "index of v1 was started under residua.index.application-id=other, this replica has indexer");
    }

    @Test
    void otherSourceTopicIsRefusedOnThisReplica() {
        // Given
        IndexIdentity other = new IndexIdentity(
                2,
                recorded.applicationId(),
                new TopicIdentity("embeddings", "id", 4),
                recorded.groups(),
                recorded.topics());

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireConfiguration("v1", other, CONFIGURATION),
                false,
                "index of v1 was built from topic embeddings, this replica is configured for item-embeddings");
    }

    @Test
    void everyTopicThatWasCreatedAnewIsRefusedByName() {
        // Given
        for (String name : List.copyOf(there.keySet())) {
            TopicIdentity before = there.put(name, GenerationSamples.topic(name, 4));

            // When / Then
            assertRefused(
                    () -> IdentityCheck.requireTopics("v1", recorded, there, SINKS),
                    true,
                    "topic " + name + " was created anew");
            there.put(name, before);
        }
    }

    @Test
    void everyTopicThatWasDeletedIsRefusedByName() {
        // Given
        for (String name : List.copyOf(there.keySet())) {
            TopicIdentity before = there.remove(name);

            // When / Then
            assertRefused(
                    () -> IdentityCheck.requireTopics("v1", recorded, there, SINKS),
                    true,
                    "topic " + name + ", which the index of v1 was built on, was deleted");
            there.put(name, before);
        }
    }

    @Test
    void changedPartitionCountOfTheSourceIsRefused() {
        // Given
        TopicIdentity source = recorded.source();
        there.put(source.name(), new TopicIdentity(source.name(), source.id(), 8));

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireTopics("v1", recorded, there, SINKS),
                true,
                "topic item-embeddings has 8 partitions, the index of v1 was built on 4");
    }

    @Test
    void topicThatIsOnlyWrittenToMayGainPartitionsButNotLoseThem() {
        // Given
        String codes = GenerationSamples.topics("v1").codes();
        TopicIdentity before = there.get(codes);

        // When / Then
        there.put(codes, new TopicIdentity(codes, before.id(), 6));
        assertThatCode(() -> IdentityCheck.requireTopics("v1", recorded, there, SINKS))
                .doesNotThrowAnyException();
        there.put(codes, new TopicIdentity(codes, before.id(), 3));
        assertRefused(
                () -> IdentityCheck.requireTopics("v1", recorded, there, SINKS),
                true,
                "topic item-codes-v1 has 3 partitions, the index of v1 was built on 4");
    }

    @Test
    void topicThatTasksReadMayNotGainPartitions() {
        // Given
        String grants = GenerationSamples.topics("v1").grants();
        there.put(grants, new TopicIdentity(grants, there.get(grants).id(), 6));

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireTopics("v1", recorded, there, SINKS),
                true,
                "topic " + grants + " has 6 partitions, the index of v1 was built on 4");
    }

    @Test
    void topicThatWasNeverSeenMayBeMissing() {
        // Given
        String changelog = GenerationSamples.topics("v1").application() + "-items-changelog";
        IndexIdentity young = recorded.withTopics(List.of(new TopicIdentity(changelog, null, 0)));
        there.remove(changelog);

        // When / Then
        assertThatCode(() -> IdentityCheck.requireTopics("v1", young, there, SINKS))
                .doesNotThrowAnyException();
    }

    @Test
    void pauseLongerThanDeletionsAreKeptIsRefused() throws RefusedException {
        // Given
        Duration kept = Duration.ofDays(7);
        IdentityCheck.requireShortPause("v1", recorded, kept, kept);

        // When / Then
        assertRefused(
                () -> IdentityCheck.requireShortPause("v1", recorded, kept.plusHours(1), kept),
                true,
                "index of v1 has not run for 169 h, but topic item-embeddings keeps deletions for 168 h"
                        + " (delete.retention.ms)");
    }

    private static void assertRefused(ThrowingCallable check, boolean forAll, String what) {
        assertThatThrownBy(check)
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> org.assertj.core.api.Assertions.assertThat(e.holdsForAll())
                                .isEqualTo(forAll))
                .hasMessageStartingWith(what)
                .hasMessageContaining("under a new version")
                .hasMessageNotContaining("\n");
    }
}
