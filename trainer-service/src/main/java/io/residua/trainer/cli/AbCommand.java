package io.residua.trainer.cli;

import io.residua.common.cli.Flags;
import io.residua.trainer.ab.Comparison;
import io.residua.trainer.ab.Variant;
import io.residua.trainer.export.OnnxCheck.ParityException;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Finished;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions.KMeansMode;
import io.residua.trainer.run.TrainingRun.DivergedException;
import io.residua.trainer.track.Curves;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Trains once with each way to start codebooks, everything else being equal, and compares what comes of it. Each
 * training is a run of its own in a sub-folder and goes on where it was when the command is given the same folder
 * again.
 */
@Command(
        name = "ab",
        description = "Trains with each of --kmeans_mode large, small and none into one folder, and compares them. "
                + "Takes the options of train.",
        sortOptions = false)
public final class AbCommand {
    @Mixin
    TrainCommand train = new TrainCommand();

    private final PrintStream out;

    private AbCommand(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs the command.
     *
     * @param args its arguments, without its name
     * @return the process's exit code, as that of {@link TrainCommand}
     */
    public static int run(String... args) {
        AbCommand command = new AbCommand(System.out);
        CommandLine parser = Flags.commandLine(command);
        try {
            parser.parseArgs(args);
            if (CommandLine.printHelpIfRequested(parser.getParseResult())) {
                return TrainCommand.DONE;
            }
            command.compare();
            return TrainCommand.DONE;
        } catch (CommandLine.ParameterException e) {
            return badInput(Flags.reason(e));
        } catch (IllegalArgumentException | IOException | ParityException e) {
            return badInput(Flags.reason(e));
        } catch (TrainCommand.InterruptedRunException e) {
            reportError(e.getMessage() + "; the comparison can be continued with --run_dir");
            return TrainCommand.INTERRUPTED;
        } catch (CancellationException e) {
            return TrainCommand.CANCELLED;
        }
    }

    private static int badInput(String reason) {
        reportError(reason);
        return TrainCommand.BAD_INPUT;
    }

    private static void reportError(String reason) {
        PrintStream err = System.err;
        err.println("ab: " + reason);
    }

    private void compare() throws IOException {
        requireComparable();
        train.check();
        Path folder = train.folder();
        train.checkpointDirectory = null;
        train.tracking.comparison =
                folder.toAbsolutePath().normalize().getFileName().toString();
        List<Variant> variants = new ArrayList<>();
        for (KMeansMode mode : KMeansMode.values()) {
            out.println("k-means " + name(mode) + ", " + (variants.size() + 1) + " of " + KMeansMode.values().length
                    + ", in " + folder.resolve(name(mode)));
            variants.add(variant(mode, folder.resolve(name(mode))));
        }
        Comparison comparison = new Comparison("k-means", variants);
        out.println();
        comparison.table().forEach(out::println);
        out.println();
        comparison.write(folder).forEach(file -> out.println(file));
    }

    private void requireComparable() {
        TrainArguments arguments = train.arguments;
        if (arguments.kmeansMode != null || arguments.kmeansInit != null || arguments.largeScaleKmeans != null) {
            throw new IllegalArgumentException(
                    "it is k-means that is compared: leave out --kmeans_mode, --kmeans_init and --large_scale_kmeans");
        }
        if (train.resume != null || train.outputOnnx != null) {
            throw new IllegalArgumentException(
                    "--resume and --output_onnx are of one run: continue a comparison with --run_dir");
        }
        if (train.initFrom != null) {
            throw new IllegalArgumentException(
                    "--init_from brings codebooks along: without k-means there is nothing to compare");
        }
        if (train.progress == ProgressForm.JSON) {
            throw new IllegalArgumentException(
                    "--progress is json, which tells one run only: expected auto, bar or lines");
        }
    }

    private Variant variant(KMeansMode mode, Path folder) throws IOException {
        train.arguments.kmeansMode = mode;
        train.runDirectory = folder;
        AtomicReference<Finished> finished = new AtomicReference<>();
        Listener progress = train.progress.listener();
        try {
            train.train(news -> {
                progress.on(news);
                if (news instanceof Finished end) {
                    finished.set(end);
                }
            });
        } catch (DivergedException e) {
            // Whether it does is part of the comparison.
            progress.on(new TrainingNews.Failed(e.getMessage()));
            return Variant.failed(name(mode), e.getMessage(), Curves.read(folder));
        }
        return Variant.of(name(mode), finished.get(), Curves.read(folder));
    }

    private static String name(KMeansMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }
}
