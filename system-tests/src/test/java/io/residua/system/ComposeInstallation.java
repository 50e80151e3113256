package io.residua.system;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ComposeContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.LogUtils;

/**
 * The installation that {@code docker-compose.yml} describes, on free ports of localhost, with images built from what
 * Maven packaged. It is started before each test and removed after it, volumes included. If the start or the test
 * failed, the logs of all containers go to the test's output first.
 */
final class ComposeInstallation implements BeforeEachCallback, AfterEachCallback {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(5);
    private static final String PROJECT_LABEL = "com.docker.compose.project";

    /** By service, the variable that gives its port on localhost. */
    private static final Map<String, String> PORT_VARIABLES = Map.of(
            "broker", "KAFKA_PORT",
            "trainer", "TRAINER_PORT",
            "indexer", "INDEXER_PORT",
            "evaluator", "EVALUATOR_PORT");

    /** Testcontainers adds characters of its own and takes that as the project's name. */
    private final String projectPrefix =
            "residua-it-" + UUID.randomUUID().toString().substring(0, 8) + "-";

    private final Map<String, Integer> ports = PORT_VARIABLES.keySet().stream()
            .collect(Collectors.toMap(service -> service, port -> LocalHttp.freePort()));

    private final ComposeContainer compose = new ComposeContainer(
                    projectPrefix,
                    Path.of(System.getProperty("residua.home"), "docker-compose.yml")
                            .toFile())
            .withBuild(true)
            // Testcontainers reads image names without replacing variables. Compose pulls what is missing.
            .withPull(false)
            .withStartupTimeout(START_TIMEOUT);

    /** The port of {@code service} on localhost. */
    int port(String service) {
        return ports.get(service);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        PORT_VARIABLES.forEach((service, variable) -> {
            compose.withEnv(variable, Integer.toString(port(service)));
            compose.waitingFor(service, Wait.forHealthcheck().withStartupTimeout(START_TIMEOUT));
        });
        compose.start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        try {
            if (context.getExecutionException().isPresent()) {
                printLogs();
            }
        } finally {
            compose.stop();
        }
    }

    private void printLogs() {
        DockerClient docker = DockerClientFactory.lazyClient();
        for (Container container : docker.listContainersCmd().withShowAll(true).exec()) {
            if (container.getLabels().getOrDefault(PROJECT_LABEL, "").startsWith(projectPrefix)) {
                System.out.printf(
                        "%n--- %s, %s:%n%s",
                        container.getNames()[0], container.getStatus(), LogUtils.getOutput(docker, container.getId()));
            }
        }
    }
}
