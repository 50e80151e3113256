package io.residua.indexer.generation;

import static io.residua.indexer.generation.KafkaClients.await;

import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.topic.TopicPartitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Describes and deletes the topics and groups of a generation on the broker. */
class BrokerState {
    private static final Duration POLL_TIMEOUT = Duration.ofMillis(200);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(20);

    private final Admin admin;
    private final Supplier<Consumer<byte[], byte[]>> readers;

    /** Works with {@code admin}, and with consumers that read committed records. */
    BrokerState(Admin admin, Supplier<Consumer<byte[], byte[]>> readers) {
        this.admin = admin;
        this.readers = readers;
    }

    /** Those of {@code names} that exist, by name. */
    Map<String, TopicIdentity> topics(Collection<String> names) {
        Map<String, TopicIdentity> topics = new HashMap<>();
        admin.describeTopics(names).topicNameValues().forEach((name, answer) -> unless(
                        UnknownTopicOrPartitionException.class, answer)
                .ifPresent(topic -> topics.put(
                        name,
                        new TopicIdentity(
                                name,
                                topic.topicId().toString(),
                                topic.partitions().size()))));
        return topics;
    }

    /** Whether a topic holds a committed record. Reads the topic, because aborted transactions advance offsets, too. */
    boolean hasRecords(TopicIdentity topic) {
        try (Consumer<byte[], byte[]> reader = readers.get()) {
            List<TopicPartition> partitions = TopicPartitions.of(reader, topic.name());
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                if (!reader.poll(POLL_TIMEOUT).isEmpty()) {
                    return true;
                }
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException(
                            "reading " + topic.name() + " took more than " + READ_TIMEOUT.toSeconds() + " s");
                }
            }
            return false;
        }
    }

    /** Whether a consumer group has committed any offset. */
    boolean hasCommitted(String group) {
        return unless(
                        GroupIdNotFoundException.class,
                        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .map(offsets -> !offsets.isEmpty())
                .orElse(false);
    }

    /** {@code delete.retention.ms} of a topic; empty if it keeps tombstones forever. */
    Optional<Duration> tombstoneRetention(String topic) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return tombstoneRetention(
                await(admin.describeConfigs(List.of(resource)).all()).get(resource));
    }

    /** How long a topic with these settings keeps deletions: until compaction or the policy {@code delete} removes them. */
    static Optional<Duration> tombstoneRetention(Config config) {
        String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
        List<Long> limits = new ArrayList<>();
        if (policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            limits.add(millis(config, TopicConfig.DELETE_RETENTION_MS_CONFIG));
        }
        if (policy.contains(TopicConfig.CLEANUP_POLICY_DELETE)) {
            limits.add(millis(config, TopicConfig.RETENTION_MS_CONFIG));
        }
        return limits.stream().filter(limit -> limit >= 0).min(Long::compare).map(Duration::ofMillis);
    }

    private static long millis(Config config, String setting) {
        return Long.parseLong(config.get(setting).value());
    }

    /** Whether any of the groups has members. */
    boolean hasMembers(Collection<String> groups) {
        boolean members = false;
        for (KafkaFuture<ConsumerGroupDescription> answer :
                admin.describeConsumerGroups(groups).describedGroups().values()) {
            members |= unless(GroupIdNotFoundException.class, answer)
                    .filter(group -> group.groupState() != GroupState.EMPTY && group.groupState() != GroupState.DEAD)
                    .isPresent();
        }
        return members;
    }

    /** Deletes the groups that exist. Returns false if one of them has members again. */
    boolean deleteGroups(Collection<String> groups) {
        try {
            admin.deleteConsumerGroups(groups)
                    .deletedGroups()
                    .values()
                    .forEach(answer -> unless(GroupIdNotFoundException.class, answer));
            return true;
        } catch (GroupNotEmptyException e) {
            return false;
        }
    }

    /** Deletes the topics that exist, by id. A topic without a recorded id was never used and is deleted by name. */
    void deleteTopics(Collection<TopicIdentity> topics) {
        Map<String, TopicIdentity> unrecorded = topics(topics.stream()
                .filter(topic -> !topic.exists())
                .map(TopicIdentity::name)
                .toList());
        List<Uuid> ids = topics.stream()
                .map(topic -> topic.exists() ? topic : unrecorded.get(topic.name()))
                .filter(topic -> topic != null)
                .map(topic -> Uuid.fromString(topic.id()))
                .collect(Collectors.toList());
        if (!ids.isEmpty()) {
            admin.deleteTopics(TopicCollection.ofTopicIds(ids))
                    .topicIdValues()
                    .values()
                    .forEach(answer -> unless(UnknownTopicIdException.class, answer));
        }
    }

    /** The result of a request; empty if the broker answers that the resource does not exist. */
    private static <T> Optional<T> unless(Class<? extends RuntimeException> unknown, KafkaFuture<T> answer) {
        try {
            return Optional.ofNullable(await(answer));
        } catch (RuntimeException e) {
            if (unknown.isInstance(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
