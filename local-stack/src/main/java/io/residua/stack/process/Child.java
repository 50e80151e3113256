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
    /** Becomes the program itself, in a session of its own where that can be had, deaf to Ctrl-C everywhere. */
    private static final String SHIELD =
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
            Process process = new ProcessBuilder(shielded(program.command()))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Child(program, process);
        } catch (IOException e) {
            throw new StackException(program.name() + " cannot be started: " + e.getMessage(), e);
        }
    }

    /**
     * Ctrl-C in a terminal goes to every process of the foreground group, and so do some other signals. The launcher alone
     * must get them, or the broker would be gone before the services have committed what they hold.
     */
    private static List<String> shielded(List<String> command) {
        if (File.separatorChar != '/') {
            return command;
        }
        List<String> shielded = new ArrayList<>(List.of("/bin/sh", "-c", SHIELD, "sh"));
        shielded.addAll(command);
        return shielded;
    }

    /** What people call it. */
    public String name() {
        return program.name();
    }

    /** The status it ended with. */
    public int exitStatus() {
        return process.exitValue();
    }

    /** The process, for its id and its end. */
    Process process() {
        return process;
    }

    boolean isReady() {
        return process.isAlive() && program.ready().getAsBoolean();
    }

    /** Runs {@code action} on a thread of its own once it has ended. */
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

    /** Asks it to end. */
    void askToEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // A pipe that breaks while it is being closed is closed.
            return;
        }
    }

    /** Waits for its end, and ends it by force when it takes longer than {@code seconds}. */
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

    /** The end of its log, for a person: a heading and up to 30 indented lines. */
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
