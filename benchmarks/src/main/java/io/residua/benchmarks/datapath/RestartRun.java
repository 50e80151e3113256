package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.common.event.ModelPublished;
import io.residua.stack.StackException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One run of the restart benchmark: fills the index, then ends the indexer in each way and prints the times. */
final class RestartRun {
    private static final String INDEXER = "indexer";
    private static final String SECOND = "indexer-2";
    private static final Map<String, String> STANDBY = Map.of("residua.index.standby-replicas", "1");
    private static final String FORMAT = "  %-46s %10s %10s %10s %16s%n";

    private static final Duration STOPPED_LIMIT = Duration.ofSeconds(15);
    private static final Duration KILLED_LIMIT = Duration.ofSeconds(60);
    private static final Duration STANDBY_LIMIT = Duration.ofSeconds(30);

    /** Items that are sent after each restart: so many that every partition of every topic has some of them. */
    private static final int NEW_ITEMS = 200;
    /** Items a second until the indexer is ended, so that it is in the middle of something. */
    private static final int BACKGROUND = 200;

    private static final Duration LOADED_FOR = Duration.ofSeconds(3);
    private static final Duration IDLE_WINDOW = Duration.ofSeconds(5);
    private static final double IDLE_SHARE = 0.2;
    private static final Duration COPY_TIMEOUT = Duration.ofMinutes(10);

    private final OwnInstallation installation;
    private final Clients clients;
    private final String embeddings;
    private final String itemCodes;
    private final SampleRows rows;
    private final PrintStream out;
    private final String run = "bench-" + Long.toString(System.currentTimeMillis(), 36);

    RestartRun(OwnInstallation installation, Models models, ModelPublished model, SampleRows rows, PrintStream out) {
        this.installation = installation;
        this.clients = models.clients();
        this.embeddings = models.topics().itemEmbeddings();
        this.itemCodes = models.topics().itemCodes(model.modelVersion());
        this.rows = rows;
        this.out = out;
    }

    /** Sends distinct items and waits for their codes, and again as often as their embeddings change. */
    void fill(int items, int changes) {
        ItemNames names = new ItemNames(run);
        try (ItemFeed feed = feed(names);
                CodesReader codes = new CodesReader(clients, itemCodes, names)) {
            for (int pass = 0; pass <= changes; pass++) {
                ItemVectors vectors = ItemMode.DISTINCT.vectors(rows, items, pass + 1);
                CompletableFuture<Void> sending =
                        CompletableFuture.runAsync(() -> feed.sendAll(Phase.MANY, items, vectors));
                requireAll(codes.await(Phase.MANY, items, number -> {}));
                sending.join();
            }
        }
    }

    /** Ends the indexer in three ways. */
    void measure() throws InterruptedException {
        out.printf(Locale.ROOT, FORMAT, "the indexer was", "ready", "codes", "limit", "of the limit");
        measure("stopped, started again", STOPPED_LIMIT, () -> {
            installation.stop(INDEXER, false);
            return startIndexer();
        });
        measure("killed, started again", KILLED_LIMIT, () -> {
            installation.stop(INDEXER, true);
            return startIndexer();
        });
        startStandby();
        measure("killed, a second replica had a copy of its state", STANDBY_LIMIT, () -> {
            long killed = System.nanoTime();
            installation.stop(INDEXER, true);
            return new Restart(killed, CompletableFuture.completedFuture(killed));
        });
    }

    /**
     * An ended indexer on its way back.
     *
     * @param start when the time begins
     * @param ready when the indexer is ready
     */
    private record Restart(long start, CompletableFuture<Long> ready) {}

    private interface End {
        /** Ends the indexer and returns as soon as the time begins. */
        Restart run();
    }

    private Restart startIndexer() {
        long start = System.nanoTime();
        return new Restart(start, CompletableFuture.supplyAsync(() -> {
            installation.startIndexer(INDEXER, Map.of());
            return System.nanoTime();
        }));
    }

    private void measure(String what, Duration limit, End end) throws InterruptedException {
        ItemNames names = new ItemNames(run + "-" + what.replaceAll("[^a-z]+", "-"));
        ItemVectors vectors = ItemMode.DISTINCT.vectors(rows, NEW_ITEMS, 0);
        try (ItemFeed feed = feed(names);
                CodesReader codes = new CodesReader(clients, itemCodes, names)) {
            Restart restart;
            try (BackgroundLoad load = new BackgroundLoad(feed, vectors, BACKGROUND)) {
                TimeUnit.MILLISECONDS.sleep(LOADED_FOR.toMillis());
                restart = end.run();
            }
            feed.sendAll(Phase.SINGLE, NEW_ITEMS, vectors);
            requireAll(codes.awaitAfterRestart(Phase.SINGLE, NEW_ITEMS));
            double codesSeconds = (System.nanoTime() - restart.start()) / 1e9;
            double readySeconds = (restart.ready().join() - restart.start()) / 1e9;
            print(what, readySeconds, codesSeconds, limit);
        }
    }

    private void print(String what, double readySeconds, double codesSeconds, Duration limit) {
        out.printf(
                Locale.ROOT,
                FORMAT,
                what,
                readySeconds > 0 ? seconds(readySeconds) : "-",
                seconds(codesSeconds),
                limit.toSeconds() + " s",
                String.format(Locale.ROOT, "%.2f", Math.max(readySeconds, codesSeconds) / limit.toSeconds()));
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }

    /** Restarts the indexer with a standby replica beside it, and returns when that has copied the state. */
    private void startStandby() throws InterruptedException {
        installation.stop(INDEXER, false);
        installation.startIndexer(INDEXER, STANDBY);
        installation.startIndexer(SECOND, STANDBY);
        ProcessCpu cpu = new ProcessCpu(
                List.of(SECOND), Map.of(SECOND, installation.processIds().get(SECOND)));
        long deadline = System.nanoTime() + COPY_TIMEOUT.toNanos();
        // It has nothing else to do: once it uses little CPU time, it has copied everything.
        while (cpuShare(cpu) > IDLE_SHARE) {
            if (System.nanoTime() > deadline) {
                throw new StackException(
                        "the second replica has not copied the state in " + COPY_TIMEOUT.toMinutes() + " minutes");
            }
        }
    }

    private static double cpuShare(ProcessCpu cpu) throws InterruptedException {
        Duration before = cpu.used().get(SECOND);
        TimeUnit.MILLISECONDS.sleep(IDLE_WINDOW.toMillis());
        return (double) cpu.used().get(SECOND).minus(before).toNanos() / IDLE_WINDOW.toNanos();
    }

    private ItemFeed feed(ItemNames names) {
        return new ItemFeed(clients, embeddings, names, ItemFeed.Format.RAW);
    }

    private static void requireAll(int missing) {
        if (missing > 0) {
            throw new StackException(
                    String.format(Locale.ROOT, "%,d items got no code; see item-embeddings-dlq", missing));
        }
    }
}
