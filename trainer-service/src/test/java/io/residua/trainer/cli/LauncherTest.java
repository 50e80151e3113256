package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script starts training as the service does. It runs here with a Java that only says how it was called. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "residua");
    private static final String JAVA = "#!/bin/sh\n"
            + "case $1 in\n"
            + "  -XshowSettings*) echo '    java.specification.version = 17' >&2 ;;\n"
            + "  *) printf 'argument=%s\\n' \"$@\"; env ;;\n"
            + "esac\n";

    @TempDir
    Path home;

    @BeforeEach
    void install() throws IOException {
        Files.copy(LAUNCHER, home.resolve("residua"));
        Path jar = home.resolve("trainer-service/target/quarkus-app/quarkus-run.jar");
        Files.createDirectories(jar.getParent());
        Files.createFile(jar);
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, JAVA);
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void trainingHasTheServicesSettings() throws Exception {
        // When
        List<String> said = launch(Map.of());

        // Then
        assertThat(said).containsAll(lines(TrainingProcess.settings(Map.of())));
        assertThat(said).containsAll(arguments(TrainingProcess.JVM_OPTIONS)).contains("argument=--epochs");
    }

    @Test
    void settingsOfTheUserStand() throws Exception {
        // Given
        Map<String, String> own = Map.of("OMP_WAIT_POLICY", "ACTIVE", "MALLOC_ARENA_MAX", "3");

        // When
        List<String> said = launch(own);

        // Then
        assertThat(said).containsAll(lines(own)).containsAll(lines(TrainingProcess.settings(own)));
        assertThat(said).noneMatch(line -> line.startsWith("GOMP_SPINCOUNT="));
    }

    private List<String> launch(Map<String, String> environment) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("residua").toString(), "train", "--epochs", "3");
        builder.environment()
                .keySet()
                .removeAll(TrainingProcess.settings(Map.of()).keySet());
        builder.environment().remove("OMP_WAIT_POLICY");
        builder.environment().put("JAVA_HOME", home.toString());
        builder.environment().putAll(environment);
        Path errors = home.resolve("stderr");
        Process process = builder.redirectError(errors.toFile()).start();
        try (var lines = process.inputReader()) {
            List<String> said = lines.lines().toList();
            assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
            return said;
        }
    }

    private static List<String> lines(Map<String, String> settings) {
        return settings.entrySet().stream().map(Map.Entry::toString).toList();
    }

    private static List<String> arguments(List<String> options) {
        return options.stream().map(option -> "argument=" + option).toList();
    }
}
