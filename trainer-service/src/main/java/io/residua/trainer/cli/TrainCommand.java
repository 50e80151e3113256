package io.residua.trainer.cli;

import ai.djl.ndarray.NDManager;
import io.residua.common.cli.DataPathArguments;
import io.residua.common.cli.Flags;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest;
import io.residua.common.io.DurableFiles;
import io.residua.common.network.Checkpoint;
import io.residua.trainer.export.ModelFiles;
import io.residua.trainer.export.OnnxCheck.ParityException;
import io.residua.trainer.model.Randomness;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.RowFiles;
import io.residua.trainer.run.RunFolder;
import io.residua.trainer.run.TrainingNews;
import io.residua.trainer.run.TrainingNews.Listener;
import io.residua.trainer.run.TrainingOptions;
import io.residua.trainer.run.TrainingRun;
import io.residua.trainer.run.TrainingRun.CheckpointPolicy;
import io.residua.trainer.run.TrainingRun.DivergedException;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Trains a model from {@code .npy} files into a folder. Also what a training job's process runs. */
@Command(
        name = "train",
        description = "Trains a model on the rows of .npy files.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TrainCommand {
    /** The model is there. */
    public static final int DONE = 0;
    /** A file could not be read or written; the state is kept, and trying again may help. */
    public static final int INTERRUPTED = 1;
    /** Options or data cannot be trained with; trying again will not help. */
    public static final int BAD_INPUT = Flags.BAD_INPUT;
    /** Stopped on request; the state is kept. */
    public static final int CANCELLED = 3;

    private static final int SAVE_LIMIT = 5;
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd_HH-mm-ss");

    @Mixin
    TrainArguments arguments = new TrainArguments();

    @Mixin
    TrackingArguments tracking = new TrackingArguments();

    @Mixin
    DataPathArguments data = new DataPathArguments();

    @Option(names = "--ckpt_dir", description = "where the run gets a time-stamped folder (default: ckpt)")
    Path checkpointDirectory;

    @Option(names = "--run_dir", description = "the run's folder itself; a run it holds is continued")
    Path runDirectory;

    @Option(names = "--resume", description = "folder of an interrupted run to continue as it was begun")
    Path resume;

    @Option(
            names = "--init_from",
            description = "checkpoint, ours or PyTorch's, to start from instead of random weights")
    Path initFrom;

    @Option(names = "--save_limit", description = "newest and best checkpoints kept, of each so many (default: 5)")
    Integer saveLimit;

    @Option(
            names = "--checkpoint_every",
            defaultValue = "60",
            description = "seconds of work that a kill costs at most (default: ${DEFAULT-VALUE})")
    double checkpointEvery;

    @Option(names = "--output_onnx", description = "where else to write the encoder as ONNX")
    Path outputOnnx;

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu or cuda:N")
    String device;

    @Option(names = "--threads", description = "CPU threads (default: one per core)")
    Integer threads;

    @Option(names = "--progress", defaultValue = "auto", description = "auto, bar, lines or json")
    ProgressForm progress;

    @Spec
    CommandSpec spec;

    TrainCommand() {}

    /**
     * Runs the command.
     *
     * @param args its arguments, without its name
     * @return the process's exit code
     */
    public static int run(String... args) {
        TrainCommand command = new TrainCommand();
        CommandLine parser = Flags.commandLine(command);
        try {
            parser.parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            return badInput(ProgressForm.ofArguments(args).listener(), Flags.reason(e));
        }
        if (CommandLine.printHelpIfRequested(parser.getParseResult())) {
            return DONE;
        }
        Listener listener = command.progress.listener();
        try {
            return command.train(listener);
        } catch (IllegalArgumentException | IOException | DivergedException | ParityException e) {
            return badInput(listener, Flags.reason(e));
        } catch (InterruptedRunException e) {
            listener.on(new TrainingNews.Failed(e.getMessage() + "; the run can be resumed"));
            return INTERRUPTED;
        } catch (CancellationException e) {
            return CANCELLED;
        }
    }

    /**
     * What is wrong with arguments of this command, apart from where the data is: each by itself, then all together.
     *
     * @param args without the command's name
     * @return nothing if they can be trained with
     */
    public static List<String> problems(List<String> args) {
        List<String> problems = new ArrayList<>();
        int from = 0;
        for (int to = 1; to <= args.size(); to++) {
            if (to == args.size() || args.get(to).startsWith("--")) {
                parse(args.subList(from, to), problems);
                from = to;
            }
        }
        if (problems.isEmpty()) {
            try {
                TrainCommand whole = parse(args, problems);
                whole.arguments.options();
                whole.checkpointPolicy(Path.of(""), whole.saveLimit == null ? SAVE_LIMIT : whole.saveLimit);
            } catch (IllegalArgumentException e) {
                problems.add(e.getMessage());
            }
        }
        return problems;
    }

    static TrainCommand parse(List<String> args, List<String> problems) {
        TrainCommand command = new TrainCommand();
        try {
            ParseResult result = Flags.commandLine(command).parseArgs(args.toArray(String[]::new));
            if (result.isUsageHelpRequested() || result.isVersionHelpRequested()) {
                problems.add("'" + String.join(" ", args) + "' asks for help or the version, which trains nothing");
            }
        } catch (CommandLine.ParameterException e) {
            problems.add(Flags.reason(e));
        }
        return command;
    }

    private static int badInput(Listener listener, String reason) {
        listener.on(new TrainingNews.Failed(reason));
        return BAD_INPUT;
    }

    /** Trains as the options say, into the run's folder. */
    int train(Listener listener) throws IOException {
        if (arguments.numWorkers != null) {
            note("--num_workers is not used: rows are read from the mapped file");
        }
        requireNoConflict();
        Path folder = folder();
        RunFolder.Begun begun = resume == null ? null : RunFolder.begun(resume);
        TrainingOptions options = begun == null || givesOptions() ? arguments.options() : begun.options();
        int limit = saveLimit != null ? saveLimit : begun != null ? begun.saveLimit() : SAVE_LIMIT;
        Integer cores = threads != null || begun == null ? threads : Integer.valueOf(begun.threads());
        List<Path> paths = begun == null || !data.given().isEmpty() ? paths() : begun.dataFiles();
        Optional<Checkpoint> start = initFrom == null ? Optional.empty() : Optional.of(Checkpoint.read(initFrom));
        try (RowFiles rows = new RowFiles(paths);
                RunLock lock = RunLock.take(folder)) {
            tracking.follow(
                    folder,
                    options,
                    listener,
                    this::note,
                    news -> train(options, rows, start, checkpointPolicy(folder, limit), cores, news));
        }
        return DONE;
    }

    private Path train(
            TrainingOptions options,
            RowFiles rows,
            Optional<Checkpoint> start,
            CheckpointPolicy policy,
            Integer cores,
            Listener listener)
            throws IOException {
        try (NDManager manager = Torch.open(Device.parse(device))) {
            if (cores != null) {
                Torch.threads(cores);
            }
            Dataset data = Dataset.scan(rows);
            TrainingRun run = new TrainingRun(options, data, policy, listener, manager);
            start.ifPresent(run::startFrom);
            return finish(run, data, policy.folder(), new Randomness(options.seed()), manager);
        }
    }

    private Path finish(TrainingRun run, Dataset data, Path folder, Randomness randomness, NDManager manager) {
        try {
            TrainingRun.Outcome outcome = run.run(Cancellation.requested());
            ModelFiles files = ModelFiles.write(folder.resolve("model"), outcome, data, randomness, manager);
            if (outputOnnx != null) {
                DurableFiles.replace(
                        outputOnnx, Files.readAllBytes(files.folder().resolve(ModelManifest.ENCODER)));
            }
            note("checkpoints in " + folder.toAbsolutePath() + ", the model to use in "
                    + files.folder().toAbsolutePath());
            return files.folder();
        } catch (IOException e) {
            throw new InterruptedRunException(e);
        }
    }

    /** A file could not be read or written while the run went on, which may go better another time. */
    static final class InterruptedRunException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InterruptedRunException(IOException cause) {
            super(Flags.reason(cause), cause);
        }
    }

    /**
     * Looks for what can be wrong before anything is done.
     *
     * @throws IllegalArgumentException if a run cannot begin with these arguments
     */
    void check() {
        requireNoConflict();
        arguments.options();
        paths();
        checkpointPolicy(folder(), saveLimit == null ? SAVE_LIMIT : saveLimit);
    }

    private void requireNoConflict() {
        long places = Stream.of(checkpointDirectory, runDirectory, resume)
                .filter(Objects::nonNull)
                .count();
        if (places > 1) {
            throw new IllegalArgumentException("--ckpt_dir, --run_dir and --resume exclude each other");
        }
        if (resume != null && initFrom != null) {
            throw new IllegalArgumentException(
                    "--init_from is for new runs: --resume goes on with a run's own weights");
        }
        if (outputOnnx != null) {
            Path parent = outputOnnx.toAbsolutePath().getParent();
            if (Files.isDirectory(outputOnnx) || parent == null || !Files.isDirectory(parent)) {
                throw new IllegalArgumentException(
                        "--output_onnx is " + outputOnnx + ", expected a file in a folder that is there");
            }
        }
    }

    /** The folder that is named, or one for this moment. */
    Path folder() {
        if (resume != null) {
            return resume;
        }
        Path parent = checkpointDirectory == null ? Path.of("ckpt") : checkpointDirectory;
        return runDirectory != null ? runDirectory : parent.resolve(STAMP.format(LocalDateTime.now()));
    }

    /** Whether the command line says anything of how to train. */
    private boolean givesOptions() {
        return spec.commandLine().getParseResult().matchedOptions().stream()
                .anyMatch(option -> option.userObject() instanceof Field field
                        && field.getDeclaringClass() == TrainArguments.class
                        && !field.getName().equals("numWorkers"));
    }

    private CheckpointPolicy checkpointPolicy(Path folder, int limit) {
        return new CheckpointPolicy(folder, limit, Duration.ofNanos(Math.round(1e9 * checkpointEvery)));
    }

    private List<Path> paths() {
        if (data.given().isEmpty()) {
            throw new IllegalArgumentException("--data_path is missing");
        }
        return data.given();
    }

    private void note(String line) {
        PrintStream err = System.err;
        err.println(line);
    }
}
