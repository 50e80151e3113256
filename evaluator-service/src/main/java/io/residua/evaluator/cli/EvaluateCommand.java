package io.residua.evaluator.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.cli.DataPathArguments;
import io.residua.common.cli.Flags;
import io.residua.common.device.Device;
import io.residua.common.event.Json;
import io.residua.common.index.IndexFile;
import io.residua.common.index.ItemIndex;
import io.residua.common.inference.OfflineModel;
import io.residua.common.network.Checkpoint;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import io.residua.evaluator.tally.HeapCounts;
import io.residua.evaluator.tally.IndexTally;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code evaluate}: says how good a checkpoint's codes of its data are, or the index in a file. Takes the flags of the
 * Python reference's {@code evaluate_index.py}. To be run by {@link Flags#commandLine}.
 */
@Command(
        name = "evaluate",
        description =
                "Says how many items of a checkpoint's data or of an index collide, and how well codebooks are used.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class EvaluateCommand implements Callable<Integer> {
    @Option(
            names = "--ckpt_path",
            paramLabel = "PATH",
            description = "the model: its folder, or a checkpoint, .safetensors or PyTorch's .pth;"
                    + " beside --index it gives the codebooks' sizes only")
    private Path checkpoint;

    @Mixin
    private DataPathArguments data = new DataPathArguments();

    @Option(names = "--device", defaultValue = "auto", description = "auto, cpu or cuda:N (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(
            names = "--batch_size",
            defaultValue = "2048",
            paramLabel = "N",
            description = "rows per run of the model (default: ${DEFAULT-VALUE})")
    private int batchSize;

    @Option(names = "--index", paramLabel = "FILE", description = "an index to evaluate instead, a JSON file")
    private Path index;

    @Option(
            names = "--num_emb_list",
            arity = "1..*",
            paramLabel = "N",
            description =
                    "entries of each level's codebook; of an index the largest that is used, plus one, by default")
    private List<Integer> codebookSizes;

    @Option(
            names = "--full",
            description = "also say how items spread over entries and prefixes, and whether neighbours share them")
    private boolean full;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (index == null && checkpoint == null) {
            throw new IllegalArgumentException("--ckpt_path is missing, or --index for an index");
        }
        if (index != null) {
            requireNoOptionsOfCheckpoints();
        }
        IndexReport report = index == null ? evaluateCheckpoint() : evaluateIndex(IndexFile.read(index));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? new String(Json.writePretty(report), UTF_8) : report);
        out.flush();
        return 0;
    }

    private void requireNoOptionsOfCheckpoints() {
        for (String option : List.of("--data_path", "--data_paths", "--device", "--batch_size")) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new IllegalArgumentException("--index and " + option + " exclude each other");
            }
        }
    }

    private IndexReport evaluateCheckpoint() throws IOException {
        Device on = Device.parse(device);
        OfflineModel model = OfflineModel.open(checkpoint);
        requireSizes(model.codebookSizes());
        List<Path> files = data.givenOr(checkpoint, model.metadata());
        CheckpointEvaluation evaluation = new CheckpointEvaluation(
                model, files, on, batchSize, spec.commandLine().getErr());
        return evaluation.run(checkpoint, full);
    }

    private IndexReport evaluateIndex(ItemIndex items) throws IOException {
        List<Integer> given = givenSizes();
        List<Integer> sizes = given == null ? items.smallestCodebookSizes() : given;
        HeapCounts counts = new HeapCounts();
        IndexTally tally = new IndexTally(counts, sizes);
        for (int i = 0; i < items.size(); i++) {
            CodedItem item = CodedItem.of(Arrays.stream(items.code(i)).boxed().toList());
            try {
                item.requireEntriesOf(sizes);
            } catch (IllegalArgumentException e) {
                String option = codebookSizes == null ? "--ckpt_path" : "--num_emb_list";
                throw new IllegalArgumentException(option + " does not fit: " + e.getMessage(), e);
            }
            tally.apply(Change.added(item));
        }
        IndexReport report = IndexReport.ofIndex(index, tally);
        return full ? report.with(IndexStructure.of(counts, sizes, null)) : report;
    }

    /** The sizes that the options say, or {@code null} if they say none. */
    private List<Integer> givenSizes() throws IOException {
        if (checkpoint == null) {
            return codebookSizes;
        }
        List<Integer> sizes = Checkpoint.read(checkpoint).network().shape().codebookSizes();
        requireSizes(sizes);
        return sizes;
    }

    private void requireSizes(List<Integer> sizes) {
        if (codebookSizes != null && !codebookSizes.equals(sizes)) {
            throw new IllegalArgumentException(
                    "--num_emb_list is " + codebookSizes + ", but the codebooks of " + checkpoint + " are " + sizes);
        }
    }
}
