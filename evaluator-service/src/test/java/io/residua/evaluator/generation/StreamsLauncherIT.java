package io.residua.evaluator.generation;

import static io.residua.evaluator.TestItems.SIZES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.TopicSpec;
import io.residua.common.topic.Topics;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.EvaluatorConfig;
import io.residua.evaluator.TestConfig;
import io.residua.evaluator.TestItems;
import io.residua.evaluator.stream.Evaluation;
import io.residua.stack.broker.LocalBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Streams' topics on a real broker when evaluations are retired. */
class StreamsLauncherIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final String RETIRED = "residua-evaluator-nightly";
    private static final String KEPT = "residua-evaluator-nightly-2";

    @TempDir
    Path folder;

    @Test
    void retiringAModelKeepsTheTopicsOfAModelWhoseVersionBeginsAlike() throws Exception {
        // Given
        EvaluatorConfig config = TestConfig.read(
                EvaluatorConfig.class,
                Map.of("residua.evaluator.state-dir", folder.resolve("state").toString()));
        TopicsConfig names = TestConfig.read(TopicsConfig.class, Map.of());
        try (LocalBroker broker = LocalBroker.start(folder.resolve("broker"), 0);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                ReplicaFolder replica = ReplicaFolder.open(folder.resolve("state"))) {
            Topics topics = new Topics(admin, names);
            topics.ensure(
                    TopicSpec.compacted("item-codes-nightly", 1),
                    TopicSpec.compacted("item-codes-nightly-2", 1),
                    TopicSpec.compacted(RETIRED + "-of-somebody-else-changelog", 1),
                    TopicSpec.compactedLog(names.indexMetrics(), 1));
            StreamsLauncher launcher = new StreamsLauncher(
                    config,
                    () -> replica,
                    names,
                    Map.of("bootstrap.servers", broker.bootstrapServers()),
                    admin,
                    topics,
                    version -> 0);
            Evaluation retired = launcher.start(TestItems.model("nightly", SIZES), "item-codes-nightly");
            try (Evaluation kept = launcher.start(TestItems.model("nightly-2", SIZES), "item-codes-nightly-2")) {
                await(() -> retired.isRunning() && kept.isRunning());
                Set<String> before = admin.listTopics().names().get();
                assertThat(before).contains(RETIRED + "-last-codes-changelog", KEPT + "-last-codes-changelog");

                // When
                launcher.retire(retired);

                // Then
                Set<String> after = Set.of(
                        "item-codes-nightly",
                        "item-codes-nightly-2",
                        names.indexMetrics(),
                        RETIRED + "-of-somebody-else-changelog",
                        KEPT + "-changes-repartition",
                        KEPT + "-counts-changelog",
                        KEPT + "-totals-changelog",
                        KEPT + "-last-codes-changelog");
                await(() -> admin.listTopics().names().get().equals(after));
                assertThat(before).containsAll(after);
            }
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
