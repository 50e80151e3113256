package io.residua.evaluator.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.residua.common.cli.Flags;
import io.residua.common.process.ParentWatch;
import java.util.Arrays;

/**
 * Main class: {@code evaluate …} evaluates a checkpoint or an index file and exits; anything else starts the service.
 */
@QuarkusMain
public final class EvaluatorMain {
    private EvaluatorMain() {}

    /** Runs the command named by the first argument, or the service. */
    public static void main(String[] args) {
        if (args.length > 0 && args[0].equals("evaluate")) {
            String[] options = Arrays.copyOfRange(args, 1, args.length);
            System.exit(Flags.commandLine(new EvaluateCommand()).execute(options));
        }
        ParentWatch.exitWhenStdinCloses();
        Quarkus.run(args);
    }
}
