package io.residua.evaluator.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.residua.common.event.IndexMetrics;
import io.residua.common.event.Json;
import io.residua.common.network.Checkpoint;
import io.residua.evaluator.tally.Change;
import io.residua.evaluator.tally.CodedItem;
import io.residua.evaluator.tally.HeapCounts;
import io.residua.evaluator.tally.IndexTally;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evaluate}: says how good the index in a file is. */
@Command(
        name = "evaluate",
        description = "Says how many items of an index collide and how well it uses its codebooks.",
        mixinStandardHelpOptions = true)
public final class EvaluateCommand implements Callable<Integer> {
    private static final int BAD_INPUT = 2;

    @Option(names = "--index", required = true, paramLabel = "FILE", description = "The index, a JSON file.")
    private Path index;

    @Option(
            names = {"--num_emb_list", "--num-emb-list"},
            arity = "1..*",
            paramLabel = "N",
            description = "Entries of each level's codebook; by default the largest that is used, plus one.")
    private List<Integer> codebookSizes;

    @Option(
            names = {"--ckpt_path", "--ckpt-path"},
            paramLabel = "PATH",
            description = "The model to take them from instead: its folder, or a checkpoint, .safetensors or .pth.")
    private Path checkpoint;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            IndexReport report = evaluate(IndexFile.read(index));
            out.print(json ? new String(Json.writePretty(report), UTF_8) : report);
            out.flush();
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println("evaluate: " + e.getMessage());
            return BAD_INPUT;
        }
    }

    private IndexReport evaluate(List<List<Integer>> codes) throws IOException {
        List<Integer> given = givenSizes();
        List<Integer> sizes = given == null ? largestPlusOne(codes) : given;
        IndexTally tally = new IndexTally(new HeapCounts(), sizes);
        for (List<Integer> code : codes) {
            CodedItem item = CodedItem.of(code);
            try {
                item.requireEntriesOf(sizes);
            } catch (IllegalArgumentException e) {
                String option = codebookSizes == null ? "--ckpt_path" : "--num_emb_list";
                throw new ParameterException(spec.commandLine(), option + " does not fit: " + e.getMessage(), e);
            }
            tally.apply(Change.added(item));
        }
        return IndexReport.of(tally.metrics("file", Instant.EPOCH));
    }

    /** The sizes that the options say, or {@code null} if they say none. */
    private List<Integer> givenSizes() throws IOException {
        if (checkpoint == null) {
            return codebookSizes;
        }
        List<Integer> sizes = Checkpoint.read(checkpoint).network().shape().codebookSizes();
        if (codebookSizes != null && !codebookSizes.equals(sizes)) {
            throw new IOException(
                    "--num_emb_list is " + codebookSizes + ", but the codebooks of " + checkpoint + " are " + sizes);
        }
        return sizes;
    }

    private static List<Integer> largestPlusOne(List<List<Integer>> codes) {
        int[] sizes = new int[codes.isEmpty() ? 0 : codes.get(0).size()];
        for (List<Integer> code : codes) {
            for (int level = 0; level < sizes.length; level++) {
                sizes[level] = Math.max(sizes[level], code.get(level) + 1);
            }
        }
        return Arrays.stream(sizes).boxed().toList();
    }

    /**
     * What the command says.
     *
     * @param items items in the file
     * @param distinctCodes distinct codes among them
     * @param collisionRate (items − distinct codes) / items
     * @param largestConflict most items that share one code
     * @param levels one entry per level, coarsest first
     */
    record IndexReport(
            long items,
            long distinctCodes,
            double collisionRate,
            long largestConflict,
            List<IndexMetrics.Level> levels) {
        static IndexReport of(IndexMetrics metrics) {
            return new IndexReport(
                    metrics.items(),
                    metrics.distinctCodes(),
                    metrics.rawCollisionRate(),
                    metrics.largestConflict(),
                    metrics.levels());
        }

        @Override
        public String toString() {
            List<String> lines = new ArrayList<>();
            lines.add(line("items            %d", items));
            lines.add(line("distinct codes   %d", distinctCodes));
            lines.add(line("collision rate   %.6f", collisionRate));
            lines.add(line("largest conflict %d", largestConflict));
            lines.add("");
            lines.add("level     size     used  utilisation  entropy  perplexity");
            for (int level = 0; level < levels.size(); level++) {
                IndexMetrics.Level at = levels.get(level);
                lines.add(line(
                        "%-5d %8d %8d  %11.4f  %7.4f  %10.2f",
                        level, at.size(), at.used(), at.utilisation(), at.entropy(), at.perplexity()));
            }
            return String.join(System.lineSeparator(), lines) + System.lineSeparator();
        }

        private static String line(String format, Object... values) {
            return String.format(Locale.ROOT, format, values);
        }
    }
}
