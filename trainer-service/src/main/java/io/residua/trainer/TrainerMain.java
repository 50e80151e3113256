package io.residua.trainer;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.residua.common.process.ParentWatch;
import io.residua.trainer.cli.TrainCommand;
import java.util.Arrays;

/** The program: the command {@code train}, which needs no container, or else the service. */
@QuarkusMain
public final class TrainerMain {
    private TrainerMain() {}

    /** Runs the command that {@code args} begin with, or the service. */
    public static void main(String... args) {
        if (args.length > 0 && args[0].equals("train")) {
            System.exit(TrainCommand.run(Arrays.copyOfRange(args, 1, args.length)));
        }
        ParentWatch.exitWhenStdinCloses();
        Quarkus.run(args);
    }
}
