package io.residua.trainer.cli;

import ai.djl.ndarray.NDManager;
import io.residua.common.cli.Flags;
import io.residua.common.device.Device;
import io.residua.common.event.ModelManifest.ModelShape;
import io.residua.common.network.Checkpoint;
import io.residua.common.network.TrainingData;
import io.residua.trainer.export.ConvertedModel;
import io.residua.trainer.export.OnnxCheck.Agreement;
import io.residua.trainer.export.OnnxCheck.ParityException;
import io.residua.trainer.model.Torch;
import io.residua.trainer.run.Dataset;
import io.residua.trainer.run.RowFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code convert}: turns a checkpoint, above all the Python reference's {@code .pth}, into a model's folder. */
@Command(
        name = "convert",
        description = "Turns a checkpoint into a model's folder: checkpoint.safetensors, encoder.onnx, decoder.onnx.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ConvertCommand {
    private static final List<String> FIGURES =
            List.of("epoch", "best_loss", "best_collision_rate", "best_codebook_utilization");

    @Option(
            names = "--ckpt_path",
            required = true,
            paramLabel = "FILE",
            description = "the checkpoint, PyTorch's .pth or .safetensors")
    Path checkpointFile;

    @Option(
            names = "--output_dir",
            required = true,
            paramLabel = "DIR",
            description = "the model's folder, not there yet or empty")
    Path output;

    @Option(
            names = "--data_path",
            paramLabel = "FILE",
            description = "an .npy file to compare codes on (default: rows decoded from random codes)")
    Path data;

    private ConvertCommand() {}

    /**
     * Runs the command.
     *
     * @param args its arguments, without its name
     * @return the process's exit code
     */
    public static int run(PrintStream out, PrintStream err, String... args) {
        ConvertCommand command = new ConvertCommand();
        CommandLine parser = Flags.commandLine(command);
        try {
            parser.parseArgs(args);
            if (CommandLine.printHelpIfRequested(parser.getParseResult())) {
                return TrainCommand.DONE;
            }
            command.convert(out);
            return TrainCommand.DONE;
        } catch (CommandLine.ParameterException e) {
            return badInput(err, Flags.reason(e));
        } catch (IOException | IllegalArgumentException | ParityException e) {
            return badInput(err, Flags.reason(e));
        }
    }

    private static int badInput(PrintStream err, String reason) {
        err.println("convert: " + reason);
        return TrainCommand.BAD_INPUT;
    }

    private void convert(PrintStream out) throws IOException {
        requireEmpty(output);
        Checkpoint checkpoint = Checkpoint.read(checkpointFile);
        out.println(network(checkpoint));
        String figures = FIGURES.stream()
                .filter(checkpoint.metadata()::containsKey)
                .map(name -> name + " " + checkpoint.metadata().get(name))
                .collect(Collectors.joining(", "));
        if (!figures.isEmpty()) {
            out.println("trained to " + figures);
        }
        Agreement agreement = write(checkpoint);
        out.println(ProgressText.format(
                "ONNX Runtime gives the codes that PyTorch gives on %,d %s: %,d different codes, %,d rows at near-ties",
                agreement.rows(),
                data == null ? "rows decoded from random codes" : "rows of " + data,
                agreement.distinctCodes(),
                agreement.nearTies()));
        out.println("model written to " + output + ", an index comes from");
        out.println("  ./residua generate --ckpt_path " + output + dataOption(checkpoint));
    }

    /** What {@code generate} must be told of the data: nothing if the checkpoint names it. */
    private String dataOption(Checkpoint checkpoint) {
        if (data == null && !TrainingData.files(checkpoint.metadata()).isEmpty()) {
            return "";
        }
        return " --data_path " + (data == null ? "ITEMS.npy" : data);
    }

    private Agreement write(Checkpoint checkpoint) throws IOException {
        int dim = checkpoint.network().shape().dim();
        try (NDManager manager = Torch.open(new Device.Cpu())) {
            if (data == null) {
                return ConvertedModel.write(output, checkpoint, null, manager);
            }
            try (RowFiles rows = new RowFiles(List.of(data))) {
                if (rows.dim() != dim) {
                    throw new IllegalArgumentException(
                            data + " has rows of " + rows.dim() + " elements, the network expects " + dim);
                }
                return ConvertedModel.write(output, checkpoint, Dataset.scan(rows), manager);
            }
        }
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.findAny().isEmpty()) {
                    return;
                }
            }
        }
        throw new IllegalArgumentException("--output_dir " + folder + " is there already and not an empty folder");
    }

    private static String network(Checkpoint checkpoint) {
        ModelShape shape = checkpoint.network().shape();
        String widths = Stream.of(List.of(shape.dim()), shape.layers(), List.of(shape.eDim()))
                .flatMap(List::stream)
                .map(String::valueOf)
                .collect(Collectors.joining("-"));
        String sizes = shape.codebookSizes().stream().map(String::valueOf).collect(Collectors.joining(" "));
        return "network " + widths + ", codebooks " + sizes + ", "
                + (checkpoint.network().batchNorm() ? "batch normalisation" : "no batch normalisation");
    }
}
