package io.residua.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(strings = {"train", "ab"})
    void trainingHasTheServicesSettings(String command) throws Exception {
        // When
        List<String> said = launch(command, Map.of());

        // Then
        assertThat(said).filteredOn(LauncherTest::isSetting).containsExactlyInAnyOrderElementsOf(settings(Map.of()));
        assertThat(said).containsAll(arguments(TrainingProcess.JVM_OPTIONS)).contains("argument=--epochs");
    }

    @Test
    void settingsOfTheUserStand() throws Exception {
        // Given
        Map<String, String> own = Map.of("OMP_WAIT_POLICY", "ACTIVE", "MALLOC_ARENA_MAX", "");

        // When
        List<String> said = launch("train", own);

        // Then
        assertThat(said).filteredOn(LauncherTest::isSetting).containsExactlyInAnyOrderElementsOf(settings(own));
    }

    @Test
    void unknownCommandIsOneLineAndExitCodeTwo() throws Exception {
        // When
        Process process = new ProcessBuilder("sh", home.resolve("residua").toString(), "trian")
                .redirectErrorStream(true)
                .start();

        // Then
        try (var lines = process.inputReader()) {
            assertThat(lines.lines()).containsExactly("residua: there is no command 'trian'; see ./residua help");
        }
        assertThat(process.waitFor()).isEqualTo(2);
    }

    private static boolean isSetting(String line) {
        return line.matches("(GLIBC|OMP|GOMP|MALLOC)_.*=.*");
    }

    /** What a process sees of the user's own settings and of training's. */
    private static List<String> settings(Map<String, String> own) {
        Map<String, String> all = new TreeMap<>(TrainingProcess.settings(own));
        all.putAll(own);
        return all.entrySet().stream().map(Map.Entry::toString).toList();
    }

    private List<String> launch(String command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder("sh", home.resolve("residua").toString(), command, "--epochs", "3");
        builder.environment().keySet().removeIf(name -> isSetting(name + "="));
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

    private static List<String> arguments(List<String> options) {
        return options.stream().map(option -> "argument=" + option).toList();
    }
}
