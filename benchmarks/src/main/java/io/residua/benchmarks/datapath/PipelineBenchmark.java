package io.residua.benchmarks.datapath;

import io.residua.common.event.ModelPublished;
import io.residua.stack.StackException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How fast an installation turns embeddings into codes: many at once, and one by one; beside the rate at which ONNX
 * Runtime alone encodes the same on this machine. Measures a running installation, whose items it deletes in the end, or
 * one that it starts and stops.
 */
@Command(
        name = "pipeline",
        description = "Measures an installation, from the embedding sent to the code read.",
        mixinStandardHelpOptions = true)
public final class PipelineBenchmark implements Callable<Integer> {
    private static final List<String> PROCESSES = List.of("broker", "indexer", "evaluator", "trainer");
    private static final String SELF = "this command";
    private static final int MAX_ITEMS = 10_000_000;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            description = "The broker of a running installation. Without it one is started, with a model of its own.")
    private String bootstrap;

    @Option(
            names = "--pids",
            split = ",",
            paramLabel = "NAME=PID",
            description =
                    "With --bootstrap: the process ids of broker, indexer, evaluator and trainer, for their CPU time.")
    private Map<String, Long> pids = Map.of();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Without --bootstrap: a data folder to keep (default: a temporary one).")
    private Path data;

    @Option(names = "--sample", paramLabel = "DIR", description = "The sample (default: samples/wordnet-nouns).")
    private Path sample =
            Path.of(System.getProperty("residua.home", "")).resolve("samples").resolve("wordnet-nouns");

    @Option(
            names = "--mode",
            defaultValue = "distinct",
            description =
                    "distinct: mixtures of the sample's rows, few of which collide. copies: near copies of few rows,"
                            + " nearly all of which collide (default: ${DEFAULT-VALUE}).")
    private ItemMode mode;

    @Option(names = "--items", defaultValue = "20000", description = "Items sent at once (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--dim",
            description =
                    "Floats per embedding (default: the sample's). For another number a model with random weights is"
                            + " used: the reference's network, 2048-1024-512-256-128-64-32.")
    private int dim;

    @Option(names = "--format", defaultValue = "raw", description = "raw or json (default: ${DEFAULT-VALUE}).")
    private ItemFeed.Format format;

    @Option(
            names = "--warm-up",
            defaultValue = "10000",
            description = "Items sent before anything is measured (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--singles", defaultValue = "200", description = "Items sent singly (default: ${DEFAULT-VALUE}).")
    private int singles;

    @Option(
            names = "--background",
            defaultValue = "0",
            description = "Also measure single items beside so many others a second (default: ${DEFAULT-VALUE}).")
    private int background;

    @Option(
            names = "--encode-threads",
            defaultValue = "1",
            description = "Threads of ONNX Runtime alone: as many as the indexer has, residua.index.encode-threads"
                    + " (default: ${DEFAULT-VALUE}).")
    private int encodeThreads;

    @Spec
    private CommandSpec spec;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws IOException, InterruptedException {
        OptionRange.require(spec, "--items", items, 1, MAX_ITEMS);
        OptionRange.require(spec, "--warm-up", warmUp, 0, MAX_ITEMS);
        OptionRange.require(spec, "--singles", singles, 0, MAX_ITEMS);
        OptionRange.require(spec, "--background", background, 0, 100_000);
        OptionRange.require(spec, "--dim", dim, 0, 65_536);
        OptionRange.require(spec, "--encode-threads", encodeThreads, 1, 1024);
        requireKnownProcesses();
        Path file = sample.resolve("embeddings.f16.npy");
        SampleRows rows = SampleRows.read(file, dim);
        int sampleDim = SampleRows.read(file, 0).dim();
        if (bootstrap != null) {
            measureRunning(rows);
        } else {
            measureOwn(rows, rows.dim() == sampleDim);
        }
        return 0;
    }

    private void measureRunning(SampleRows rows) throws IOException, InterruptedException {
        Models models = Models.of(new Clients(bootstrap));
        ModelPublished model = models.newest(rows.dim())
                .orElseThrow(() -> new StackException("the newest model of " + bootstrap + " is not for embeddings of "
                        + rows.dim() + " floats; without --bootstrap one is made"));
        measure(models, model, rows, pids, true);
    }

    private void measureOwn(SampleRows rows, boolean trained) throws IOException, InterruptedException {
        try (OwnInstallation own = OwnInstallation.on(data, out)) {
            own.start();
            Models models = Models.of(own.clients());
            ModelPublished model =
                    trained ? own.sampleModel(models, sample, rows.dim(), out) : own.randomModel(models, rows, out);
            measure(models, model, rows, own.processIds(), data != null);
        }
    }

    private void measure(
            Models models, ModelPublished model, SampleRows rows, Map<String, Long> processIds, boolean delete)
            throws IOException, InterruptedException {
        PipelineRun.Load load = new PipelineRun.Load(mode, items, warmUp, singles, background, format);
        out.printf(
                Locale.ROOT,
                "%,d items, %s, %d floats each as %s; %,d items before to warm up; %d processors%n",
                items,
                mode.words(),
                rows.dim(),
                format.name().toLowerCase(Locale.ROOT),
                warmUp,
                Runtime.getRuntime().availableProcessors());
        out.printf(Locale.ROOT, "model %s: %s%n", model.modelVersion(), words(model));
        ItemVectors vectors = mode.vectors(rows, items, 1);
        double limit = EncoderLimit.rowsPerSecond(model, vectors, encodeThreads);
        out.printf(
                Locale.ROOT,
                "the limit: ONNX Runtime alone, %d thread%s, encodes %,.0f items/s%n",
                encodeThreads,
                encodeThreads == 1 ? "" : "s",
                limit);
        List<String> names = new ArrayList<>(PROCESSES);
        names.add(SELF);
        Map<String, Long> all = new HashMap<>(processIds);
        all.put(SELF, ProcessHandle.current().pid());
        ProcessCpu cpu = new ProcessCpu(names, all);
        try (PipelineRun run = new PipelineRun(models, model, rows, load, cpu, out)) {
            try {
                run.measureRate(limit);
                run.measureLatency();
            } finally {
                if (delete) {
                    run.deleteItems();
                }
            }
        }
    }

    private static String words(ModelPublished model) {
        var shape = model.manifest().model();
        StringBuilder words = new StringBuilder().append(shape.dim());
        shape.layers().forEach(width -> words.append('-').append(width));
        return words.append('-')
                .append(shape.eDim())
                .append(", codebooks of ")
                .append(shape.codebookSizes())
                .toString();
    }

    private void requireKnownProcesses() {
        try {
            new ProcessCpu(PROCESSES, pids);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--pids: " + e.getMessage(), e);
        }
    }
}
