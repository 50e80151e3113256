package io.residua.evaluator.generation;

import static io.residua.evaluator.TestItems.SIZES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.TestConfig;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.config.EvaluatorConfig;
import io.residua.evaluator.stream.Evaluation;
import io.residua.stack.broker.LocalBroker;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Streams' topics on a real broker when evaluations are retired. */
class StreamsLauncherIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final TopicsConfig NAMES = TestConfig.read(TopicsConfig.class, Map.of());

    @TempDir
    Path folder;

    @Test
    void retiringAModelKeepsTheTopicsOfAModelWhoseVersionBeginsAlike() throws Exception {
        // Given
        try (LocalBroker broker = LocalBroker.start(folder.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                ReplicaFolder replica = ReplicaFolder.open(folder.resolve("state"))) {
            Topics topics = new Topics(admin, NAMES);
            topics.ensure(
                    TopicSpec.compacted("item-codes-nightly", 1),
                    TopicSpec.compacted("item-codes-nightly-2", 1),
                    TopicSpec.compactedLog(NAMES.indexMetrics(), 1));
            StreamsLauncher launcher = launcher(broker, admin, replica);
            Evaluation retired = launcher.start(TestItems.model("nightly", SIZES), "item-codes-nightly");
            try (Evaluation kept = launcher.start(TestItems.model("nightly-2", SIZES), "item-codes-nightly-2")) {
                String ofSomebodyElse = retired.applicationId() + "-of-somebody-else-changelog";
                topics.ensure(TopicSpec.compacted(ofSomebodyElse, 1));
                await(() -> retired.isRunning() && kept.isRunning());
                Set<String> before = admin.listTopics().names().get();
                assertThat(kept.applicationId()).startsWith(retired.applicationId());
                assertThat(before)
                        .contains(
                                retired.applicationId() + "-last-codes-changelog",
                                kept.applicationId() + "-last-codes-changelog");

                // When
                launcher.retire(retired);

                // Then
                Set<String> after = Set.of(
                        "item-codes-nightly",
                        "item-codes-nightly-2",
                        NAMES.indexMetrics(),
                        ofSomebodyElse,
                        kept.applicationId() + "-changes-repartition",
                        kept.applicationId() + "-counts-changelog",
                        kept.applicationId() + "-totals-changelog",
                        kept.applicationId() + "-last-codes-changelog");
                await(() -> admin.listTopics().names().get().equals(after));
                assertThat(before).containsAll(after);
            }
        }
    }

    @Test
    void topicsThatAnotherReplicaDeletedFirstAreNoWarning() throws Exception {
        // Given
        try (LocalBroker broker = LocalBroker.start(folder.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                ReplicaFolder replica = ReplicaFolder.open(folder.resolve("state"));
                RecordedWarnings warnings = new RecordedWarnings(StreamsLauncher.class)) {
            new Topics(admin, NAMES)
                    .ensure(
                            TopicSpec.compacted("item-codes-nightly", 1),
                            TopicSpec.compactedLog(NAMES.indexMetrics(), 1));
            StreamsLauncher launcher = launcher(broker, slowerThanAnotherReplica(admin), replica);
            Evaluation retired = launcher.start(TestItems.model("nightly", SIZES), "item-codes-nightly");
            await(retired::isRunning);

            // When
            launcher.retire(retired);

            // Then
            assertThat(warnings.messages()).isEmpty();
            assertThat(admin.listTopics().names().get())
                    .containsExactlyInAnyOrder("item-codes-nightly", NAMES.indexMetrics());
        }
    }

    private StreamsLauncher launcher(LocalBroker broker, Admin admin, ReplicaFolder replica) {
        EvaluatorConfig config = TestConfig.read(
                EvaluatorConfig.class,
                Map.of("residua.evaluator.state-dir", folder.resolve("state").toString()));
        return new StreamsLauncher(
                config,
                () -> replica,
                NAMES,
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                admin,
                new Topics(admin, NAMES),
                version -> 0);
    }

    /** An admin client whose topics to delete are gone when its request reaches the broker. */
    @SuppressWarnings("unchecked")
    private static Admin slowerThanAnotherReplica(Admin admin) {
        return (Admin) Proxy.newProxyInstance(
                Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("deleteTopics")) {
                        admin.deleteTopics((Collection<String>) arguments[0])
                                .all()
                                .get();
                    }
                    return method.invoke(admin, arguments);
                });
    }

    /** The warnings that a class logs while this is open. */
    private static final class RecordedWarnings extends Handler implements AutoCloseable {
        private final Logger logger;
        private final List<String> messages = new CopyOnWriteArrayList<>();

        RecordedWarnings(Class<?> type) {
            logger = Logger.getLogger(type.getName());
            logger.addHandler(this);
        }

        List<String> messages() {
            return messages;
        }

        @Override
        public void publish(LogRecord record) {
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                messages.add(record.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                fail("not within %s", TIMEOUT);
            }
            Thread.sleep(50);
        }
    }
}
