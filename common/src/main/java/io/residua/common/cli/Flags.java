package io.residua.common.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Parses the command lines of all commands. Accepts the Python reference's spelling of flags, {@code --a_b}, and also
 * {@code --a-b}; booleans are {@code True} or {@code False}. An error is one line on stderr and exit code {@value
 * #BAD_INPUT}.
 */
public final class Flags {
    /** Exit code of a command that cannot use its arguments or the files they name. */
    public static final int BAD_INPUT = 2;

    private Flags() {}

    /** Creates a command line that accepts both spellings of every option, including those of sub-commands. */
    public static CommandLine commandLine(Object command) {
        CommandLine parsed = new CommandLine(command);
        addSpellings(parsed.getCommandSpec());
        registerEnums(parsed, parsed.getCommandSpec());
        return parsed.registerConverter(Boolean.class, Flags::parseBoolean)
                .setOverwrittenOptionsAllowed(false)
                .setAtFileCommentChar(null)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, args) -> report(e.getCommandLine(), reason(e)))
                .setExecutionExceptionHandler(Flags::reportFailure);
    }

    private static void addSpellings(CommandSpec spec) {
        for (OptionSpec option : List.copyOf(spec.options())) {
            if (option.longestName().contains("_")) {
                spec.remove(option);
                spec.addOption(OptionSpec.builder(option)
                        .names(option.longestName(), option.longestName().replace('_', '-'))
                        .build());
            }
        }
        spec.subcommands().values().forEach(each -> addSpellings(each.getCommandSpec()));
    }

    private static void registerEnums(CommandLine parsed, CommandSpec spec) {
        for (OptionSpec option : spec.options()) {
            if (option.type().isEnum()) {
                registerEnum(parsed, option.type().asSubclass(Enum.class));
            }
        }
        spec.subcommands().values().forEach(each -> registerEnums(parsed, each.getCommandSpec()));
    }

    private static <E extends Enum<?>> void registerEnum(CommandLine parsed, Class<E> type) {
        parsed.registerConverter(type, word -> parseEnum(type.getEnumConstants(), word));
    }

    /** Takes the constants' names in either case. */
    private static <E extends Enum<?>> E parseEnum(E[] constants, String word) {
        List<String> names = Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        int constant = names.indexOf(word.toLowerCase(Locale.ROOT));
        if (constant < 0) {
            throw new TypeConversionException("'" + word + "' is none of " + String.join(", ", names));
        }
        return constants[constant];
    }

    private static Boolean parseBoolean(String word) {
        return switch (word) {
            case "True", "true" -> true;
            case "False", "false" -> false;
            default -> throw new TypeConversionException("'" + word + "' is no truth value, expected True or False");
        };
    }

    /** Reports bad input in one line. Any other exception is a bug and is thrown on. */
    private static int reportFailure(Exception e, CommandLine command, ParseResult arguments) throws Exception {
        if (e instanceof IOException || e instanceof IllegalArgumentException) {
            return report(command, reason(e));
        }
        throw e;
    }

    private static int report(CommandLine command, String reason) {
        command.getErr().println(command.getCommandName() + ": " + reason);
        command.getErr().flush();
        return BAD_INPUT;
    }

    /** Describes an error in a command line in one sentence. */
    public static String reason(CommandLine.ParameterException e) {
        String message = e.getMessage();
        if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
            message = "there is no option " + String.join(" ", unmatched.getUnmatched());
        }
        return message;
    }

    /** Describes an exception in words. The message of some file exceptions is only a path. */
    public static String reason(Exception e) {
        if (e instanceof NoSuchFileException) {
            return "there is no file " + e.getMessage();
        }
        boolean named = e instanceof FileSystemException file && file.getReason() != null;
        return named || !(e instanceof FileSystemException)
                ? e.getMessage()
                : e.getClass().getSimpleName().replace("Exception", "") + ": " + e.getMessage();
    }
}
