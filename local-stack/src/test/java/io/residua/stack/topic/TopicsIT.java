package io.residua.stack.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.Topics.TopicException;
import io.residua.common.topic.TopicsConfig;
import io.residua.stack.broker.LocalBroker;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Topics} on a real broker. Every test has topics of its own. */
class TopicsIT {
    @TempDir
    static Path data;

    private static LocalBroker broker;
    private static Admin admin;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = LocalBroker.start(data, 0);
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    @AfterAll
    static void stopBroker() {
        admin.close();
        broker.close();
    }

    @Test
    void missingTopicIsCreatedAsSpecified() throws Exception {
        // When
        topics(true).ensure(TopicSpec.compacted("made", 3).withTombstonesKept(Duration.ofDays(7)));

        // Then
        assertThat(topics(true).partitionsOf("made")).isEqualTo(3);
        assertThat(setting("made", "cleanup.policy")).isEqualTo("compact");
        assertThat(setting("made", "delete.retention.ms")).isEqualTo("604800000");
    }

    @Test
    void manyThreadsMayEnsureTheSameTopicsAtOnce() throws Exception {
        // Given
        int threads = 4;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);

        // When
        List<Future<Object>> all = executor.invokeAll(java.util.Collections.nCopies(threads, () -> {
            together.await();
            topics(true).ensure(TopicSpec.log("raced-a", 4), TopicSpec.compactedLog("raced-b", 1));
            return null;
        }));

        // Then
        for (Future<Object> one : all) {
            one.get();
        }
        executor.shutdown();
        assertThat(topics(false).partitionsOf("raced-a")).isEqualTo(4);
        assertThat(setting("raced-b", "cleanup.policy")).isEqualTo("compact,delete");
    }

    @Test
    void missingTopicIsNamedInOneLineWhenCreatingIsOff() {
        // Given
        topics(true).ensure(TopicSpec.log("present", 1));

        // Then
        assertThatThrownBy(() -> topics(false).ensure(TopicSpec.log("present", 1), TopicSpec.log("absent", 1)))
                .isInstanceOf(TopicException.class)
                .hasMessage("topics missing: [absent]; create them or set residua.topics.create=true");
    }

    @Test
    void partitionCountThatDiffersIsRefused() {
        // Given
        topics(true).ensure(TopicSpec.log("narrow", 1));

        // Then
        assertThatThrownBy(() -> topics(true).ensure(TopicSpec.log("narrow", 4)))
                .isInstanceOf(TopicException.class)
                .hasMessage("topic narrow has 1 partitions, expected 4");
    }

    @Test
    void cleanupPolicyThatDiffersIsRefused() {
        // Given
        topics(true).ensure(TopicSpec.log("deleted", 1));

        // Then
        assertThatThrownBy(() -> topics(true).ensure(TopicSpec.compacted("deleted", 1)))
                .isInstanceOf(TopicException.class)
                .hasMessage("topic deleted has cleanup.policy=delete, expected compact");
    }

    @Test
    void internalTopicThatMayLoseRecordsIsRefused() {
        // Given
        topics(true)
                .ensure(TopicSpec.log("limited", 1).with("retention.ms", "-1").with("retention.bytes", "1000"));

        // Then
        assertThatThrownBy(() -> topics(true).ensure(TopicSpec.untilProcessed("limited", 1)))
                .isInstanceOf(TopicException.class)
                .hasMessage("topic limited has retention.bytes=1000, expected -1");
    }

    @Test
    void settingThatTheBrokerRefusesIsReported() {
        assertThatThrownBy(() -> topics(true).ensure(TopicSpec.log("refused", 1).with("retention.ms", "soon")))
                .isInstanceOf(TopicException.class)
                .hasMessageStartingWith("creating topic refused failed: ")
                .hasMessageContaining("retention.ms");
    }

    @Test
    void inputTopicIsCreatedWhenMissing() throws Exception {
        // When
        topics(true).ensureInput(TopicSpec.compacted("input-made", 4));

        // Then
        assertThat(topics(false).partitionsOf("input-made")).isEqualTo(4);
        assertThat(setting("input-made", "cleanup.policy")).isEqualTo("compact");
    }

    @Test
    void inputTopicOfOtherShapeAndPolicyIsAccepted() {
        // Given
        topics(true).ensure(TopicSpec.log("input-other", 2));

        // When
        topics(false).ensureInput(TopicSpec.compacted("input-other", 4));

        // Then
        assertThat(topics(false).partitionsOf("input-other")).isEqualTo(2);
    }

    @Test
    void missingInputTopicIsNamedWhenCreatingIsOff() {
        assertThatThrownBy(() -> topics(false).ensureInput(TopicSpec.compacted("input-absent", 4)))
                .isInstanceOf(TopicException.class)
                .hasMessage("topics missing: [input-absent]; create them or set residua.topics.create=true");
    }

    @Test
    void largestMessageIsTheTopicsOwnOrElseTheBrokers() throws Exception {
        // Given
        topics(true).ensure(TopicSpec.log("brokers-limit", 1));
        admin.createTopics(
                        List.of(new NewTopic("own-limit", 1, (short) 1).configs(Map.of("max.message.bytes", "2345"))))
                .all()
                .get();

        // When
        int own = topics(false).maxMessageBytes("own-limit");
        int brokers = topics(false).maxMessageBytes("brokers-limit");

        // Then
        assertThat(own).isEqualTo(2345);
        assertThat(brokers).as("message.max.bytes of the local broker").isEqualTo(8 << 20);
    }

    private static Topics topics(boolean create) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .withMapping(TopicsConfig.class)
                .withDefaultValue("residua.topics.create", Boolean.toString(create))
                .build();
        return new Topics(admin, config.getConfigMapping(TopicsConfig.class));
    }

    private static String setting(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource))
                .all()
                .get()
                .get(resource)
                .get(name)
                .value();
    }
}
