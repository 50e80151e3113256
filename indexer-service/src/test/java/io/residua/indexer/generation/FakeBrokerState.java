package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.errors.TimeoutException;

/** Topics and groups in memory, which fails at the step a test names. */
final class FakeBrokerState extends BrokerState {
    final Map<String, TopicIdentity> topics = new HashMap<>();
    final Set<String> groups = new HashSet<>();
    final Set<String> groupsWithMembers = new HashSet<>();
    final Set<String> topicsWithRecords = new HashSet<>();
    final Set<String> groupsWithOffsets = new HashSet<>();
    Duration tombstoneRetention = Duration.ofDays(7);
    /** How many changes succeed before one fails. */
    int changesUntilFailure = Integer.MAX_VALUE;

    FakeBrokerState() {
        super(null, null);
    }

    @Override
    Map<String, TopicIdentity> topics(Collection<String> names) {
        Map<String, TopicIdentity> found = new HashMap<>(topics);
        found.keySet().retainAll(names);
        return found;
    }

    @Override
    boolean hasRecords(TopicIdentity topic) {
        return topicsWithRecords.contains(topic.name());
    }

    @Override
    boolean hasCommitted(String group) {
        return groupsWithOffsets.contains(group);
    }

    @Override
    Optional<Duration> tombstoneRetention(String topic) {
        return Optional.of(tombstoneRetention);
    }

    @Override
    boolean hasMembers(Collection<String> some) {
        return some.stream().anyMatch(groupsWithMembers::contains);
    }

    @Override
    boolean deleteGroups(Collection<String> some) {
        for (String group : some) {
            change(() -> groups.remove(group));
        }
        return true;
    }

    @Override
    void deleteTopics(Collection<TopicIdentity> some) {
        List<TopicIdentity> all = new ArrayList<>(some);
        for (TopicIdentity topic : all) {
            change(() -> {
                TopicIdentity there = topics.get(topic.name());
                if (there != null && (!topic.exists() || there.id().equals(topic.id()))) {
                    topics.remove(topic.name());
                }
            });
        }
    }

    private void change(Runnable action) {
        if (changesUntilFailure-- <= 0) {
            throw new TimeoutException("killed here");
        }
        action.run();
    }
}
