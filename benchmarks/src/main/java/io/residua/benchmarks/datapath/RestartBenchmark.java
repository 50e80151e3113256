package io.residua.benchmarks.datapath;

import io.residua.common.event.ModelPublished;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How soon items get codes again after the indexer was stopped, after it was killed, and after it was killed while a
 * second replica holds a copy of its state. Measures an installation that it starts and stops.
 */
@Command(
        name = "restart",
        description = "Measures how soon items get codes again after the indexer was stopped or killed.",
        mixinStandardHelpOptions = true)
public final class RestartBenchmark implements Callable<Integer> {
    private static final int MAX_ITEMS = 10_000_000;
    private static final int MAX_CHANGES = 1_000;

    @Option(
            names = "--items",
            defaultValue = "1000000",
            description = "Items in the index before the first restart (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--changes",
            defaultValue = "0",
            description =
                    "How often each item's embedding changes before; the state stays as large, what was written to"
                            + " the changelog topics grows (default: ${DEFAULT-VALUE}).")
    private int changes;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "A data folder to keep, whose items count too (default: a temporary one).")
    private Path data;

    @Option(names = "--sample", paramLabel = "DIR", description = "The sample (default: samples/wordnet-nouns).")
    private Path sample =
            Path.of(System.getProperty("residua.home", "")).resolve("samples").resolve("wordnet-nouns");

    @Spec
    private CommandSpec spec;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws IOException, InterruptedException {
        OptionRange.require(spec, "--items", items, 1, MAX_ITEMS);
        OptionRange.require(spec, "--changes", changes, 0, MAX_CHANGES);
        SampleRows rows = SampleRows.read(sample.resolve("embeddings.f16.npy"), 0);
        try (OwnInstallation own = OwnInstallation.on(data, out)) {
            own.start();
            Models models = Models.of(own.clients());
            ModelPublished model = own.sampleModel(models, sample, rows.dim(), out);
            out.printf(
                    Locale.ROOT,
                    "%,d items, each changed %d times; %d processors; broker, trainer and evaluator run on%n",
                    items,
                    changes,
                    Runtime.getRuntime().availableProcessors());
            RestartRun run = new RestartRun(own, models, model, rows, out);
            run.fill(items, changes);
            run.measure();
        }
        return 0;
    }
}
