package io.residua.indexer.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.residua.common.cli.Flags;
import io.residua.common.process.ParentWatch;
import io.residua.indexer.export.ExportCommand;
import io.residua.indexer.generate.GenerateCommand;
import io.residua.indexer.verify.VerifyCommand;
import java.util.Arrays;

/** Main class: {@code generate}, {@code export} and {@code verify} run a command and exit; anything else starts the service. */
@QuarkusMain
public final class IndexerMain {
    private IndexerMain() {}

    /** Runs the command named by the first argument, or the service. */
    public static void main(String[] args) {
        Object command = args.length == 0 ? null : command(args[0]);
        if (command != null) {
            String[] options = Arrays.copyOfRange(args, 1, args.length);
            System.exit(Flags.commandLine(command).execute(options));
        }
        ParentWatch.exitWhenStdinCloses();
        Quarkus.run(args);
    }

    private static Object command(String name) {
        return switch (name) {
            case "generate" -> new GenerateCommand();
            case "export" -> new ExportCommand();
            case "verify" -> new VerifyCommand();
            default -> null;
        };
    }
}
