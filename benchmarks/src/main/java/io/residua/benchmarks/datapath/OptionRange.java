package io.residua.benchmarks.datapath;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks numeric options of a command. */
final class OptionRange {
    private OptionRange() {}

    /**
     * Requires {@code min} ≤ {@code value} ≤ {@code max}.
     *
     * @throws ParameterException that names the option and the range
     */
    static void require(CommandSpec command, String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    command.commandLine(), option + " is " + value + ", expected " + min + " to " + max);
        }
    }
}
