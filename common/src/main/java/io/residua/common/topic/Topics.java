package io.residua.common.topic;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;

/**
 * Ensures that the topics of a service exist before it subscribes to them. Creation is idempotent, so services and
 * replicas can do it concurrently. An existing topic is never changed.
 */
public final class Topics {
    private static final Logger LOG = Logger.getLogger(Topics.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Admin admin;
    private final boolean create;
    private final short replicationFactor;

    /** Uses the broker that {@code admin} is connected to. */
    public Topics(Admin admin, TopicsConfig config) {
        this.admin = admin;
        this.create = config.create();
        this.replicationFactor = config.replicationFactor();
    }

    /**
     * Creates missing topics, if the configuration allows it, and verifies existing ones. Waits until every partition
     * has a leader, because an idempotent producer that pipelines into a leaderless partition can lose records.
     *
     * @throws TopicException naming the topic that is missing or has another partition count or cleanup policy, or that
     *     may delete records which it must keep
     */
    public void ensure(TopicSpec... specs) {
        Map<String, TopicSpec> wanted = Arrays.stream(specs).collect(toMap(TopicSpec::name, identity()));
        Map<String, TopicDescription> there = createAndDescribe(wanted);
        for (TopicSpec spec : specs) {
            verifyPartitions(spec, there.get(spec.name()));
        }
        settings(wanted.keySet()).forEach((name, actual) -> verifySettings(wanted.get(name), actual));
        awaitLeaders(there.values());
    }

    /**
     * The same for a topic that another application owns. An existing topic may have any number of partitions. Another
     * cleanup policy than that of {@code spec} only causes a warning.
     *
     * @throws TopicException naming the topic if it is missing
     */
    public void ensureInput(TopicSpec spec) {
        Map<String, TopicDescription> there = createAndDescribe(Map.of(spec.name(), spec));
        String actual = setting(settings(Set.of(spec.name())).get(spec.name()), TopicConfig.CLEANUP_POLICY_CONFIG);
        if (!policies(actual).equals(policies(spec.cleanupPolicy()))) {
            LOG.warnf(
                    "input topic has an unexpected policy topic=%s cleanup.policy=%s expected=%s",
                    spec.name(), actual, spec.cleanupPolicy());
        }
        awaitLeaders(there.values());
    }

    /** Partitions of an existing topic. */
    public int partitionsOf(String topic) {
        return describe(Set.of(topic)).get(topic).partitions().size();
    }

    /** The largest batch of records that an existing topic takes: its own setting, or else the broker's. */
    public int maxMessageBytes(String topic) {
        return Integer.parseInt(setting(settings(Set.of(topic)).get(topic), TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
    }

    /** Which of {@code topics} exist. */
    public Set<String> existing(Collection<String> topics) {
        Set<String> existing =
                new HashSet<>(get("listing topics", admin.listTopics().names()));
        existing.retainAll(topics);
        return existing;
    }

    private Map<String, TopicDescription> createAndDescribe(Map<String, TopicSpec> wanted) {
        if (create) {
            create(wanted.values());
        }
        return describe(wanted.keySet());
    }

    private void create(Collection<TopicSpec> wanted) {
        List<NewTopic> topics = new ArrayList<>();
        for (TopicSpec spec : wanted) {
            topics.add(new NewTopic(spec.name(), spec.partitions(), replicationFactor).configs(spec.allSettings()));
        }
        admin.createTopics(topics).values().forEach((name, created) -> {
            try {
                get("creating topic " + name, created);
                LOG.infof("topic created topic=%s", name);
            } catch (TopicException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        });
    }

    private Map<String, TopicDescription> describe(Set<String> names) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                return get(
                        "describing topics " + names,
                        admin.describeTopics(names).allTopicNames());
            } catch (TopicException e) {
                boolean unknown = e.getCause() instanceof UnknownTopicOrPartitionException;
                // The broker that answers may not know a topic that was created a moment ago.
                if (!unknown || !create || System.nanoTime() > deadline) {
                    throw unknown ? missing(names, e) : e;
                }
                pause();
            }
        }
    }

    private TopicException missing(Set<String> names, TopicException cause) {
        Set<String> missing = new HashSet<>(names);
        missing.removeAll(existing(names));
        return new TopicException(
                "topics missing: " + missing + "; create them or set residua.topics.create=true", cause);
    }

    private static void verifyPartitions(TopicSpec spec, TopicDescription there) {
        int partitions = there.partitions().size();
        if (partitions != spec.partitions()) {
            throw new TopicException(
                    "topic " + spec.name() + " has " + partitions + " partitions, expected " + spec.partitions());
        }
    }

    private static void verifySettings(TopicSpec spec, Config actual) {
        spec.requiredSettings().forEach((name, expected) -> {
            String value = setting(actual, name);
            if (!policies(value).equals(policies(expected))) {
                throw new TopicException(
                        "topic " + spec.name() + " has " + name + "=" + value + ", expected " + expected);
            }
        });
    }

    private static String setting(Config config, String name) {
        return config.get(name).value();
    }

    private Map<String, Config> settings(Collection<String> topics) {
        List<ConfigResource> resources = topics.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, Config> configs = get(
                "describing topic settings", admin.describeConfigs(resources).all());
        return configs.entrySet().stream().collect(toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
    }

    private static Set<String> policies(String list) {
        return Set.of(list.replace(" ", "").split(",", -1));
    }

    private void awaitLeaders(Collection<TopicDescription> topics) {
        Map<TopicPartition, OffsetSpec> latest = topics.stream()
                .flatMap(topic ->
                        topic.partitions().stream().map(info -> new TopicPartition(topic.name(), info.partition())))
                .collect(toMap(identity(), partition -> OffsetSpec.latest()));
        get("waiting for partition leaders", admin.listOffsets(latest).all());
    }

    private static <T> T get(String what, KafkaFuture<T> future) {
        try {
            return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new TopicException(what + " failed: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new TopicException(what + " took more than " + TIMEOUT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException(what + " was interrupted", e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("waiting for topics was interrupted", e);
        }
    }

    /** A topic is missing or differs from its specification. */
    public static final class TopicException extends KafkaException {
        private static final long serialVersionUID = 1L;

        TopicException(String message) {
            super(message);
        }

        TopicException(String message, Throwable cause) {
            super(message, cause);
        }

        /** Whether a retry can help: true if the broker did not answer, false if a topic is missing or differs. */
        public boolean isRetriable() {
            Throwable cause = getCause();
            return (cause instanceof RetriableException || cause instanceof TimeoutException)
                    && !(cause instanceof UnknownTopicOrPartitionException);
        }
    }
}
