package io.residua.stack.process;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A program to run as a child process.
 *
 * @param name its name in messages
 * @param command the executable and its arguments
 * @param log file for its standard output and error
 * @param ready whether it is ready; polled while the program starts, must return within a few seconds
 */
public record Program(String name, List<String> command, Path log, BooleanSupplier ready) {
    public Program {
        requireNonNull(name, "name is null");
        command = List.copyOf(command);
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command of " + name + " is empty");
        }
        requireNonNull(log, "log is null");
        requireNonNull(ready, "ready is null");
    }
}
