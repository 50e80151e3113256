package io.residua.trainer.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** The reference's way to write flags: {@code --a_b}, and {@code --a-b} as well; booleans as words. */
final class Flags {
    private Flags() {}

    /** A command line that knows every option under both spellings. */
    static CommandLine commandLine(Object command) {
        CommandLine parsed = new CommandLine(command);
        CommandLine.Model.CommandSpec spec = parsed.getCommandSpec();
        for (OptionSpec option : List.copyOf(spec.options())) {
            if (option.longestName().contains("_")) {
                spec.remove(option);
                spec.addOption(OptionSpec.builder(option)
                        .names(option.longestName(), option.longestName().replace('_', '-'))
                        .build());
            }
        }
        return new CommandLine(spec)
                .registerConverter(Boolean.class, Flags::truth)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(false)
                .setAtFileCommentChar(null)
                .setExpandAtFiles(false);
    }

    private static Boolean truth(String word) {
        return switch (word) {
            case "True", "true" -> true;
            case "False", "false" -> false;
            default -> throw new TypeConversionException("'" + word + "' is no truth value, expected True or False");
        };
    }

    /** What is wrong with a command line, in one sentence. */
    static String reason(CommandLine.ParameterException e) {
        String message = e.getMessage();
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            message = "there is no option " + String.join(" ", unmatched.getUnmatched());
        }
        return message;
    }
}
