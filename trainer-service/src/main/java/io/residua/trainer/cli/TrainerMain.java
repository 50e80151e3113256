package io.residua.trainer.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.residua.common.process.ParentWatch;
import java.util.Arrays;

/** The program: the commands {@code train}, {@code ab} and {@code convert}, which need no container, or else the service. */
@QuarkusMain
public final class TrainerMain {
    private TrainerMain() {}

    /** Runs the command that {@code args} begin with, or the service. */
    public static void main(String... args) {
        if (args.length > 0) {
            String[] options = Arrays.copyOfRange(args, 1, args.length);
            switch (args[0]) {
                case "train" -> System.exit(TrainCommand.run(options));
                case "ab" -> System.exit(AbCommand.run(options));
                case "convert" -> System.exit(ConvertCommand.run(System.out, System.err, options));
                default -> {
                    // Options of the service.
                }
            }
        }
        ParentWatch.exitWhenStdinCloses();
        Quarkus.run(args);
    }
}
