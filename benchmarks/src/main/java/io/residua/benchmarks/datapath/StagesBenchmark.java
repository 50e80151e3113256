package io.residua.benchmarks.datapath;

import io.residua.common.io.DurableFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How fast the assignment stages alone turn requests into codes, which is what the indexer does besides running the
 * model. Broker and stages have a process each; requests are in the log before the stages see the first of them.
 */
@Command(
        name = "stages",
        description = "Measures the assignment stages alone, on requests produced beforehand.",
        mixinStandardHelpOptions = true)
public final class StagesBenchmark implements Callable<Integer> {
    private static final int MAX_ITEMS = 10_000_000;

    @Option(
            names = "--mode",
            defaultValue = "distinct",
            description = "distinct: hardly two items have one nearest code. copies: 50 items have each"
                    + " (default: ${DEFAULT-VALUE}).")
    private ItemMode mode;

    @Option(names = "--items", defaultValue = "60000", description = "Requests measured (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--held",
            defaultValue = "100000",
            description =
                    "Distinct items that get a code before anything is measured; with fewer, the JVM still compiles"
                            + " while it is measured (default: ${DEFAULT-VALUE}).")
    private int held;

    @Option(names = "--singles", defaultValue = "200", description = "Items sent singly (default: ${DEFAULT-VALUE}).")
    private int singles;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder to make the temporary data folder in (default: the system's temporary folder).")
    private Path data = Path.of(System.getProperty("java.io.tmpdir"));

    @Spec
    private CommandSpec spec;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    @Override
    public Integer call() throws IOException, InterruptedException {
        OptionRange.require(spec, "--items", items, 1, MAX_ITEMS);
        OptionRange.require(spec, "--held", held, 0, MAX_ITEMS);
        OptionRange.require(spec, "--singles", singles, 0, MAX_ITEMS);
        Path folder = Files.createTempDirectory(data, "residua-stages");
        try (OwnInstallation own = OwnInstallation.on(folder.resolve("data"), out)) {
            own.startBroker();
            Clients clients = own.clients();
            StagesTopics generation = new StagesTopics(StagesChild.stateFolder(folder));
            try (Admin admin = clients.admin()) {
                generation.create(admin);
            }
            measure(clients, generation, folder, own.processIds());
            return 0;
        } finally {
            DurableFiles.deleteFolder(folder);
        }
    }

    private void measure(Clients clients, StagesTopics generation, Path folder, Map<String, Long> processIds)
            throws IOException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "%,d requests for %s, %,d items with a code before; %d stream threads, %d partitions, exactly once, a"
                        + " commit every %d ms; %d processors%n",
                items,
                mode == ItemMode.DISTINCT ? "distinct items" : "items of which 50 have each nearest code",
                held,
                generation.indexer().streamThreads(),
                StagesTopics.PARTITIONS,
                generation.indexer().commitInterval().toMillis(),
                Runtime.getRuntime().availableProcessors());
        StagesRun run = new StagesRun(clients, generation, new StagesRun.Load(mode, items, held, singles), out);
        run.measure(folder, processIds.get("broker"));
    }
}
