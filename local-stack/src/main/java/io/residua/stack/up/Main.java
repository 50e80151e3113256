package io.residua.stack.up;

import io.residua.common.cli.Flags;
import io.residua.stack.StackException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The local installation's command line. */
@Command(
        name = "residua",
        description = "Item embeddings to semantic IDs, as a stream.",
        mixinStandardHelpOptions = true,
        subcommands = {UpCommand.class, TourCommand.class, BrokerCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Runs the command and exits with its status. */
    public static void main(String[] args) {
        // Must happen before the first log message: the default manager ignores the levels set for broker and clients.
        if (System.getProperty("java.util.logging.manager") == null) {
            System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        }
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return Flags.commandLine(new Main()).setExecutionExceptionHandler(Main::report);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given, expected up, tour or broker");
    }

    private static int report(Exception error, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (error instanceof StackException) {
            err.println("residua: " + error.getMessage());
        } else {
            err.println("residua: unexpected error");
            error.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }
}
