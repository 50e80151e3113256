package io.residua.stack.process;

import io.residua.stack.StackException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A running child process. Its standard input is a pipe from this process: closing it asks the child to end, see
 * {@link io.residua.common.process.ParentWatch}, and it closes by itself when this process is killed.
 */
public final class Child {
    private static final int TAIL_BYTES = 16 * 1024;
    private static final int TAIL_LINES = 30;
    /**
     * Shell script that ignores SIGINT and replaces itself by the program, in a new session if {@code setsid} exists.
     */
    private static final String IGNORE_SIGINT =
            "trap '' INT; if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; else exec \"$@\"; fi";

    private final Program program;
    private final Process process;

    private Child(Program program, Process process) {
        this.program = program;
        this.process = process;
    }

    /** Starts {@code program}; the log of its previous run is kept beside as {@code <log>.1}. */
    static Child start(Program program) {
        Path log = program.log();
        try {
            Files.createDirectories(log.getParent());
            if (Files.exists(log)) {
                Files.move(log, Path.of(log + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            Process process = new ProcessBuilder(ignoringSigint(program.command()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Child(program, process);
        } catch (IOException e) {
            throw new StackException(program.name() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * A terminal sends Ctrl-C to every process of the foreground group. Only the launcher may react to it: otherwise
     * the broker would stop before the services have committed.
     */
    private static List<String> ignoringSigint(List<String> command) {
        if (File.separatorChar != '/') {
            return command;
        }
        List<String> ignoringSigint = new ArrayList<>(List.of("/bin/sh", "-c", IGNORE_SIGINT, "sh"));
        ignoringSigint.addAll(command);
        return ignoringSigint;
    }

    /** The program's name. */
    public String name() {
        return program.name();
    }

    /** Exit status. The process must have ended. */
    public int exitStatus() {
        return process.exitValue();
    }

    /** The operating system's process. */
    Process process() {
        return process;
    }

    boolean isReady() {
        return process.isAlive() && program.ready().getAsBoolean();
    }

    /** Runs {@code action} on a new thread when the process has ended. */
    void whenEnded(Runnable action) {
        Thread watch = new Thread(
                () -> {
                    process.onExit().join();
                    action.run();
                },
                "watch-" + name());
        watch.setDaemon(true);
        watch.start();
    }

    /** Closes the process's standard input, which tells it to stop. */
    void askToEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // A pipe that breaks while it is being closed is closed.
            return;
        }
    }

    /** Kills the process. */
    void kill() {
        process.destroyForcibly();
    }

    /** Waits for the process to end. Kills it after {@code seconds}. */
    void awaitEnd(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }

    /** A heading and the last lines of the log, at most 30, indented. */
    public String logTail() {
        return "last lines of " + program.log() + ":\n" + String.join("", lastLines());
    }

    private List<String> lastLines() {
        try (var file = Files.newByteChannel(program.log())) {
            file.position(Math.max(0, file.size() - TAIL_BYTES));
            byte[] bytes = java.nio.channels.Channels.newInputStream(file).readAllBytes();
            List<String> lines =
                    new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()).stream()
                    .map(line -> "  | " + line + "\n")
                    .toList();
        } catch (IOException e) {
            return List.of("  | (cannot be read: " + e.getMessage() + ")\n");
        }
    }
}
