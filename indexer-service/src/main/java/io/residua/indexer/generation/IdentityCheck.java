package io.residua.indexer.generation;

import io.residua.common.event.IndexIdentity;
import io.residua.common.event.IndexIdentity.TopicIdentity;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * Compares the recorded identity of a generation with the present topics. The generation continues only if they are
 * equal. Otherwise records could be missing from its codes or be in them twice.
 */
final class IdentityCheck {
    /** The remedy that a refusal names. */
    static final String NEW_VERSION = "; to index it, train a model or publish one under a new version";

    /** Configuration of this replica. */
    record Configuration(int format, String applicationId, String source) {}

    private IdentityCheck() {}

    /**
     * Checks that this replica is configured as the generation was started.
     *
     * @throws RefusedException for this replica, saying what differs
     */
    static void requireConfiguration(String version, IndexIdentity recorded, Configuration configured)
            throws RefusedException {
        if (recorded.format() != configured.format()) {
            throw RefusedException.here("index of " + version + " has the internal format " + recorded.format()
                    + ", this release reads " + configured.format() + NEW_VERSION);
        }
        if (!recorded.applicationId().equals(configured.applicationId())) {
            throw RefusedException.here("index of " + version + " was started under residua.index.application-id="
                    + recorded.applicationId() + ", this replica has " + configured.applicationId()
                    + "; configure the former, or train a model or publish one under a new version");
        }
        if (!recorded.source().name().equals(configured.source())) {
            throw RefusedException.here("index of " + version + " was built from topic "
                    + recorded.source().name() + ", this replica is configured for "
                    + configured.source() + NEW_VERSION);
        }
    }

    /**
     * Checks that all topics are the ones the generation was built on.
     *
     * @param now the topics that exist, by name
     * @param sinks topics that are only written to, to the partitions they had: they may have gained some
     * @throws RefusedException for all replicas, naming the first topic that is not
     */
    static void requireTopics(String version, IndexIdentity recorded, Map<String, TopicIdentity> now, Set<String> sinks)
            throws RefusedException {
        requireSame(version, recorded.source(), now.get(recorded.source().name()), false);
        for (TopicIdentity own : recorded.topics()) {
            if (own.exists()) {
                requireSame(version, own, now.get(own.name()), sinks.contains(own.name()));
            }
        }
    }

    private static void requireSame(String version, TopicIdentity recorded, TopicIdentity now, boolean mayGrow)
            throws RefusedException {
        String topic = "topic " + recorded.name();
        if (now == null) {
            throw RefusedException.forAll(
                    topic + ", which the index of " + version + " was built on, was deleted" + NEW_VERSION);
        }
        if (!now.id().equals(recorded.id())) {
            throw RefusedException.forAll(topic + " was created anew (id " + now.id() + ", the index of " + version
                    + " was built on " + recorded.id() + ")" + NEW_VERSION);
        }
        if (now.partitions() != recorded.partitions() && !(mayGrow && now.partitions() > recorded.partitions())) {
            throw RefusedException.forAll(topic + " has " + now.partitions() + " partitions, the index of " + version
                    + " was built on " + recorded.partitions() + NEW_VERSION);
        }
    }

    /**
     * Checks that no deletion can have been missed.
     *
     * @param pause how long the generation has not run
     * @param tombstoneRetention how long its source keeps deletions
     * @throws RefusedException for all replicas, if it paused for longer
     */
    static void requireShortPause(String version, IndexIdentity recorded, Duration pause, Duration tombstoneRetention)
            throws RefusedException {
        if (pause.compareTo(tombstoneRetention) > 0) {
            throw RefusedException.forAll("index of " + version + " has not run for " + pause.toHours()
                    + " h, but topic " + recorded.source().name() + " keeps deletions for "
                    + tombstoneRetention.toHours() + " h (delete.retention.ms), so that some may be missing"
                    + NEW_VERSION);
        }
    }
}
