package io.residua.stack.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.residua.stack.Poll;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A launcher process with three children, and what becomes of them when one of the four ends. */
class SupervisorIT {
    private static final List<String> CHILDREN = List.of("a", "b", "c");

    @TempDir
    Path folder;

    private Process launcher;
    private List<ProcessHandle> children;

    @BeforeEach
    void launch() throws Exception {
        launcher = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StandInLauncher.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("launcher.out").toFile())
                .start();
        Poll.until("all children are ready", () -> Files.exists(folder.resolve("all-ready")));
        children = CHILDREN.stream().map(this::handle).toList();
    }

    @AfterEach
    void leaveNothing() {
        Stream.concat(Stream.of(launcher.toHandle()), children.stream()).forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void killedLauncherLeavesNoProcess() throws Exception {
        // When
        launcher.destroyForcibly();

        // Then
        Poll.until("all children have ended", () -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(CHILDREN).allSatisfy(name -> assertThat(log(name)).contains("stopped in order"));
    }

    @Test
    void terminatedLauncherStopsAllInOrder() throws Exception {
        // When
        launcher.destroy();

        // Then
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(CHILDREN).allSatisfy(name -> assertThat(log(name)).contains("stopped in order"));
        assertThat(folder.resolve("children")).doesNotExist();
    }

    @Test
    void childThatDiesIsShownAndTakesAllWithIt() throws Exception {
        // When
        Files.createFile(folder.resolve("b.pid.die"));

        // Then
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(1);
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(Files.readString(folder.resolve("launcher.out")))
                .contains("b died with 3; last lines of " + folder.resolve("b.log"))
                .contains("  | something terrible happened");
        assertThat(List.of("a", "c")).allSatisfy(name -> assertThat(log(name)).contains("stopped in order"));
    }

    @Test
    void interruptOfTheTerminalReachesTheLauncherAlone() throws Exception {
        // Given
        assumeThat(interruptsAreIgnored())
                .as("a background job of a shell passes on that it ignores interrupts")
                .isFalse();

        // When
        for (ProcessHandle child : children) {
            signal("INT", child.pid());
        }
        signal("INT", launcher.pid());

        // Then
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(folder.resolve("launcher.out"))).doesNotContain("died");
        assertThat(CHILDREN).allSatisfy(name -> assertThat(log(name)).contains("stopped in order"));
    }

    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line -> new BigInteger(line.substring(7).strip(), 16).testBit(1));
    }

    private static void signal(String name, long pid) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    private ProcessHandle handle(String name) {
        try {
            return ProcessHandle.of(Long.parseLong(Files.readString(folder.resolve(name + ".pid"))))
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }
}
