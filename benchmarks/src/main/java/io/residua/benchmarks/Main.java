package io.residua.benchmarks;

import io.residua.benchmarks.datapath.GenerateBenchmark;
import io.residua.benchmarks.datapath.LookupsBenchmark;
import io.residua.benchmarks.datapath.PipelineBenchmark;
import io.residua.benchmarks.datapath.QuietLogs;
import io.residua.benchmarks.datapath.RestartBenchmark;
import io.residua.benchmarks.datapath.StagesBenchmark;
import io.residua.common.cli.Flags;
import io.residua.stack.StackException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;

/**
 * Runs the kernels' benchmarks, about a minute for all, and prints each beside its limit. Arguments are regular
 * expressions on {@code class.method}; none means all.
 */
public final class Main {
    private static final TimeValue ITERATION = TimeValue.milliseconds(150);

    private Main() {}

    /**
     * Runs the benchmarks that {@code args} name. {@code pipeline}, {@code restart}, {@code stages}, {@code evaluator},
     * {@code generate}, {@code lookups}, {@code training} and {@code trie} are commands with options.
     */
    public static void main(String[] args) throws Exception {
        // Before anything logs: the default manager would ignore what the clients' loggers are set to.
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        QuietLogs.quieten();
        if (args.length > 0 && args[0].equals(TrainingBenchmark.TURNS)) {
            TrainingTurns.run(
                    Path.of(args[1]),
                    Path.of(args[2]),
                    Integer.parseInt(args[3]),
                    Arrays.copyOfRange(args, 4, args.length));
            return;
        }
        System.exit(run(args));
    }

    static int run(String... args) throws RunnerException {
        String first = args.length == 0 ? "" : args[0];
        return switch (first) {
            case "pipeline" -> run(new PipelineBenchmark(), args);
            case "evaluator" -> run(new EvaluatorBenchmark(), args);
            case "restart" -> run(new RestartBenchmark(), args);
            case "stages" -> run(new StagesBenchmark(), args);
            case "generate" -> run(new GenerateBenchmark(), args);
            case "training" -> run(new TrainingBenchmark(), args);
            case "lookups" -> run(new LookupsBenchmark(), args);
            case "trie" -> run(new TrieBenchmark(), args);
            default -> kernels(args);
        };
    }

    private static int run(Object command, String[] args) {
        CommandLine commandLine = Flags.commandLine(command);
        var otherwise = commandLine.getExecutionExceptionHandler();
        commandLine.setExecutionExceptionHandler((e, failed, parsed) -> {
            if (e instanceof StackException) {
                failed.getErr().println(failed.getCommandName() + ": " + e.getMessage());
                failed.getErr().flush();
                return CommandLine.ExitCode.SOFTWARE;
            }
            return otherwise.handleExecutionException(e, failed, parsed);
        });
        return commandLine.execute(Arrays.copyOfRange(args, 1, args.length));
    }

    private static int kernels(String[] args) throws RunnerException {
        try {
            runKernels(args);
            return 0;
        } catch (NoBenchmarksException | PatternSyntaxException e) {
            PrintStream err = System.err;
            err.println("bench: no kernel's name matches " + String.join(" ", args)
                    + "; expected regular expressions, pipeline, restart, stages, evaluator, generate, lookups,"
                    + " training or trie");
            return Flags.BAD_INPUT;
        }
    }

    private static void runKernels(String[] args) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(1)
                .jvmArgsAppend("-Xmx512m", "-XX:+UseSerialGC")
                .warmupIterations(10)
                .warmupTime(ITERATION)
                .measurementIterations(10)
                .measurementTime(ITERATION)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        for (String include : args) {
            options.include(include);
        }
        List<Measurement> measurements =
                new Runner(options.build()).run().stream().map(Measurement::of).toList();
        System.out.printf(
                Locale.ROOT,
                "%s, %d processors%n",
                System.getProperty("java.vm.version"),
                Runtime.getRuntime().availableProcessors());
        System.out.print(Report.of(measurements));
    }
}
