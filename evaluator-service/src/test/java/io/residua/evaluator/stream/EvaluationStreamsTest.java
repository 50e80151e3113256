package io.residua.evaluator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.residua.evaluator.TestConfig;
import io.residua.evaluator.config.EvaluatorConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationStreamsTest {
    @Test
    void settingsAreExactlyOnceAndOfThisReplica() {
        // Given
        EvaluatorConfig config = TestConfig.read(EvaluatorConfig.class, Map.of("residua.evaluator.state-dir", "state"));

        // When
        Map<String, Object> settings = EvaluationStreams.settings(
                "residua-evaluator-f2-m1", config, "7", Map.of("bootstrap.servers", "there:1"), (short) 3);

        // Then
        assertThat(settings)
                .containsEntry("application.id", "residua-evaluator-f2-m1")
                .containsEntry("client.id", "residua-evaluator-f2-m1-7")
                .containsEntry("group.instance.id", "7")
                .containsEntry("bootstrap.servers", "there:1")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("replication.factor", 3)
                .containsEntry("state.dir", Path.of("state").toAbsolutePath().toString())
                .containsEntry("session.timeout.ms", 10_000)
                .containsEntry("commit.interval.ms", 1000L)
                .containsEntry("num.stream.threads", 1)
                .containsEntry("auto.offset.reset", "earliest");
    }
}
