package io.residua.evaluator.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.residua.common.process.ReplicaFolder;
import io.residua.common.topic.TopicsConfig;
import io.residua.evaluator.TestConfig;
import io.residua.evaluator.config.EvaluatorConfig;
import io.residua.evaluator.dashboard.MetricsView;
import io.residua.evaluator.metrics.EvaluatorMeters;
import io.residua.stack.broker.LocalBroker;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service without its container, while the broker comes and goes. */
class EvaluatorServiceIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    @Test
    void brokerThatIsAwayAtTheStartIsWaitedFor() throws Exception {
        // Given
        int port = freePort();
        EvaluatorService service = service(port);
        service.start(new StartupEvent());
        try {
            await("an attempt in vain", () -> service.trouble().startsWith("creating topic"));

            // When
            try (LocalBroker broker = LocalBroker.start(folder.resolve("broker"), port)) {
                await("ready on " + broker.bootstrapServers(), service::isReady);

                // Then
                assertThat(service.trouble()).isNull();
                assertThat(service.isFailed()).isFalse();
            }
        } finally {
            service.stop(new ShutdownEvent());
        }
    }

    @Test
    void replicaHasItsStateFolderForItselfUntilItStops() throws Exception {
        // Given
        EvaluatorService first = service(freePort());
        EvaluatorService second = service(freePort());
        first.start(new StartupEvent());

        // When
        second.start(new StartupEvent());
        second.stop(new ShutdownEvent());

        // Then
        assertThat(second.isFailed()).isTrue();
        assertThat(second.trouble()).contains("in use by another process");
        assertThat(first.isFailed()).isFalse();
        first.stop(new ShutdownEvent());
        try (ReplicaFolder free = ReplicaFolder.open(folder.resolve("state"))) {
            assertThat(free.instanceId()).isNotEmpty();
        }
    }

    /** With a client that gives up soon, so that there are several attempts. */
    private EvaluatorService service(int port) {
        EvaluatorConfig config = TestConfig.read(
                EvaluatorConfig.class,
                Map.of("residua.evaluator.state-dir", folder.resolve("state").toString()));
        Map<String, Object> kafka = Map.of(
                "bootstrap.servers", "localhost:" + port, "default.api.timeout.ms", 1000, "request.timeout.ms", 1000);
        return new EvaluatorService(
                config,
                TestConfig.read(TopicsConfig.class, Map.of()),
                kafka,
                new MetricsView(config),
                new EvaluatorMeters(new SimpleMeterRegistry()));
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                fail("waited in vain for %s", what);
            }
            Thread.sleep(20);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
