package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import io.residua.common.event.IndexStatus;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.indexer.generation.IdentityCheck.Configuration;
import io.residua.indexer.wire.GenerationTopics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Verifies the topics of a generation before it starts. A new generation needs new, empty topics; a known one needs the
 * topics it was created with.
 */
final class GenerationIdentities {
    private static final Logger LOG = Logger.getLogger(GenerationIdentities.class);

    private final BrokerState broker;
    private final Topics topics;
    private final TopicsConfig names;
    private final StatusTopic status;
    private final String applicationId;
    private final Clock clock;
    private final RepeatedFindings findings;
    private final Set<String> warnedOfMorePartitions = new HashSet<>();

    GenerationIdentities(
            BrokerState broker,
            Topics topics,
            TopicsConfig names,
            StatusTopic status,
            String applicationId,
            Clock clock) {
        this.broker = broker;
        this.topics = topics;
        this.names = names;
        this.status = status;
        this.applicationId = applicationId;
        this.clock = clock;
        findings = new RepeatedFindings(clock);
    }

    /**
     * Checks, before anything is loaded, that a known generation can go on, and that a new one starts with nothing.
     *
     * @throws RefusedException if it cannot start on the topics there are
     */
    void requireUsable(String version, GenerationTopics own) throws RefusedException {
        IndexStatus known = status.of(version);
        if (known == null || known.identity() == null) {
            requireNotOfAnEarlierFormat(version, known);
            requireUnused(version, own);
            return;
        }
        IndexIdentity recorded = known.identity();
        IdentityCheck.requireConfiguration(
                version, recorded, new Configuration(GenerationTopics.FORMAT, applicationId, own.embeddings()));
        requireTopics(version, recorded, own);
        requireShortPause(version, recorded, StatusRecords.history(known).lastSeen());
        TopicIdentity codes = recorded.topic(own.codes()).orElseThrow();
        if (!codes.exists()) {
            requireUnused(version, own);
        } else if (!broker.hasCommitted(own.application()) && broker.hasRecords(codes)) {
            throw RefusedException.forAll("topic " + codes.name() + " has records, but the offsets of group "
                    + own.application() + " have expired or were deleted" + IdentityCheck.NEW_VERSION);
        }
    }

    /**
     * Creates the topics of a new generation. Writes their names to {@code index-status} first, so that after a crash
     * another replica can finish or delete them.
     *
     * @param changelogs names of the topics that Kafka Streams creates
     * @return what the generation is built on
     * @throws RefusedException if the topics are not as they must be
     */
    IndexIdentity prepare(String version, GenerationTopics own, List<String> changelogs) throws RefusedException {
        IndexStatus known = status.of(version);
        IndexIdentity recorded = known == null ? null : known.identity();
        if (recorded == null) {
            for (TopicIdentity changelog : broker.topics(changelogs).values()) {
                requireEmpty(version, changelog);
            }
            recorded = planned(own, changelogs);
            boolean pinned = known != null && known.isPinned();
            status.publishAndWait(StatusRecords.created(version, own.codes(), recorded, pinned, clock.instant()));
        }
        ensure(own, recorded);
        IndexIdentity observed = observe(recorded);
        if (!observed.equals(recorded)) {
            IndexStatus last = status.of(version);
            status.publishAndWait(StatusRecords.identified(last, observed, last.items()));
        }
        return observed;
    }

    /**
     * The same identity, with those topics that Kafka Streams has created meanwhile.
     *
     * @throws RefusedException if a topic was deleted or created anew
     */
    IndexIdentity verify(String version, IndexIdentity recorded) throws RefusedException {
        requireTopics(version, recorded, GenerationTopics.of(applicationId, version, names));
        return observe(recorded);
    }

    /** Refuses what is wrong only if it is still wrong when it is looked at again. */
    private void requireTopics(String version, IndexIdentity recorded, GenerationTopics own) throws RefusedException {
        Map<String, TopicIdentity> there = existing(recorded);
        try {
            IdentityCheck.requireTopics(version, recorded, there, own.sinks());
            findings.clear(version);
        } catch (RefusedException e) {
            findings.confirm(version, e);
            throw e;
        }
        warnOfMorePartitions(recorded, there);
    }

    private void warnOfMorePartitions(IndexIdentity recorded, Map<String, TopicIdentity> there) {
        for (TopicIdentity topic : recorded.topics()) {
            if (topic.exists()
                    && there.get(topic.name()).partitions() > topic.partitions()
                    && warnedOfMorePartitions.add(topic.name())) {
                LOG.warnf(
                        "topic has gained partitions, which stay empty topic=%s partitions=%d used=%d",
                        topic.name(), there.get(topic.name()).partitions(), topic.partitions());
            }
        }
    }

    private IndexIdentity planned(GenerationTopics own, List<String> changelogs) throws RefusedException {
        TopicIdentity source = broker.topics(Set.of(own.embeddings())).get(own.embeddings());
        if (source == null) {
            throw RefusedException.here("topic " + own.embeddings() + " is missing");
        }
        List<TopicIdentity> all = new ArrayList<>();
        for (TopicSpec spec : own.specs(names.partitions())) {
            all.add(new TopicIdentity(spec.name(), null, spec.partitions()));
        }
        changelogs.forEach(name -> all.add(new TopicIdentity(name, null, 0)));
        return new IndexIdentity(GenerationTopics.FORMAT, applicationId, source, groups(own), all);
    }

    private static List<String> groups(GenerationTopics own) {
        return List.of(own.application(), own.encodeGroup());
    }

    private Map<String, TopicIdentity> existing(IndexIdentity identity) {
        Set<String> all = new HashSet<>(
                identity.topics().stream().map(TopicIdentity::name).toList());
        all.add(identity.source().name());
        return broker.topics(all);
    }

    private IndexIdentity observe(IndexIdentity identity) {
        Map<String, TopicIdentity> there = existing(identity);
        return identity.withTopics(identity.topics().stream()
                .map(topic -> topic.exists() ? topic : there.getOrDefault(topic.name(), topic))
                .toList());
    }

    private static void requireNotOfAnEarlierFormat(String version, IndexStatus known) throws RefusedException {
        if (known != null
                && (known.state() == IndexStatus.State.BUILDING || known.state() == IndexStatus.State.READY)) {
            throw RefusedException.here(
                    "index of " + version + " was built by an earlier release, whose internal topics"
                            + " this one does not read; to index it, train a model or publish one under a new version");
        }
    }

    private void requireShortPause(String version, IndexIdentity recorded, Instant lastSeen) throws RefusedException {
        Optional<Duration> retention =
                broker.tombstoneRetention(recorded.source().name());
        if (retention.isPresent() && lastSeen != null) {
            Duration pause = Duration.between(lastSeen, clock.instant());
            IdentityCheck.requireShortPause(version, recorded, pause, retention.get());
        }
    }

    /**
     * Refuses topics and groups that hold data of unknown origin: the new index would be incomplete or hold records
     * twice.
     */
    private void requireUnused(String version, GenerationTopics own) throws RefusedException {
        List<String> topics = Arrays.stream(own.specs(1)).map(TopicSpec::name).toList();
        for (TopicIdentity topic : broker.topics(topics).values()) {
            requireEmpty(version, topic);
        }
        for (String group : groups(own)) {
            if (broker.hasCommitted(group)) {
                throw RefusedException.forAll("group " + group + " has offsets, but index-status knows no index of "
                        + version + "; delete the group, or train a model or publish one under a new version");
            }
        }
    }

    private void requireEmpty(String version, TopicIdentity topic) throws RefusedException {
        if (broker.hasRecords(topic)) {
            throw RefusedException.forAll("topic " + topic.name() + " has records, but index-status knows no index of "
                    + version + "; delete the topic, or train a model or publish one under a new version");
        }
    }

    private void ensure(GenerationTopics own, IndexIdentity recorded) throws RefusedException {
        int partitions = recorded.topic(own.codes()).orElseThrow().partitions();
        Map<String, TopicIdentity> there = existing(recorded);
        TopicSpec[] specs = Arrays.stream(own.specs(partitions))
                .map(spec -> own.sinks().contains(spec.name()) ? grown(spec, recorded, there) : spec)
                .toArray(TopicSpec[]::new);
        try {
            topics.ensure(specs);
        } catch (TopicException e) {
            if (e.isRetriable()) {
                throw e;
            }
            throw RefusedException.here(e.getMessage(), e);
        }
    }

    /** {@code spec} with the partitions that a topic of a known generation has by now. */
    private static TopicSpec grown(TopicSpec spec, IndexIdentity recorded, Map<String, TopicIdentity> there) {
        boolean known =
                recorded.topic(spec.name()).filter(TopicIdentity::exists).isPresent();
        TopicIdentity now = there.get(spec.name());
        return known && now != null ? spec.withPartitions(now.partitions()) : spec;
    }
}
