package io.residua.benchmarks.datapath;

import io.residua.benchmarks.datapath.ItemNames.Phase;
import io.residua.common.event.ModelPublished;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** One run of the pipeline benchmark against an installation: sends items, reads codes, prints what was measured. */
final class PipelineRun implements AutoCloseable {
    private static final Duration EVALUATOR_PATIENCE = Duration.ofMinutes(1);
    private static final Duration QUIET = Duration.ofSeconds(2);

    private final Load load;
    private final ProcessCpu cpu;
    private final PrintStream out;
    private final Map<Phase, ItemVectors> vectors = new HashMap<>();
    private final ItemFeed feed;
    private final CodesReader codes;
    private final EvaluatedItems evaluated;

    /** Items by what they were sent for. */
    private final Map<Phase, Integer> sent = new EnumMap<>(Phase.class);

    /**
     * What is sent.
     *
     * @param items whose rate is measured
     * @param warmUp items before
     * @param singles items whose latency is measured
     * @param background items a second beside as many more of them; 0 for no such measurement
     */
    record Load(ItemMode mode, int items, int warmUp, int singles, int background, ItemFeed.Format format) {}

    PipelineRun(Models models, ModelPublished model, SampleRows rows, Load load, ProcessCpu cpu, PrintStream out) {
        this.load = load;
        this.cpu = cpu;
        this.out = out;
        for (Phase phase : Phase.values()) {
            vectors.put(phase, load.mode().vectors(rows, load.items(), phase.ordinal()));
        }
        Clients clients = models.clients();
        ItemNames names = new ItemNames("bench-" + Long.toString(System.currentTimeMillis(), 36));
        feed = new ItemFeed(clients, models.topics().itemEmbeddings(), names, load.format());
        codes = new CodesReader(clients, models.topics().itemCodes(model.modelVersion()), names);
        evaluated = new EvaluatedItems(clients, models.topics().indexMetrics(), model.modelVersion());
    }

    /** Warms up, then sends all items and waits for their codes. */
    void measureRate(double limit) {
        long counted = warmUp();
        ArrivalTimes arrivals = new ArrivalTimes(load.items());
        sent.put(Phase.MANY, load.items());
        Map<String, Duration> cpuAtStart = cpu.used();
        long start = System.nanoTime();
        CompletableFuture<Long> sending = CompletableFuture.supplyAsync(() -> {
            feed.sendAll(Phase.MANY, load.items(), vectors.get(Phase.MANY));
            return System.nanoTime();
        });
        int missing = codes.await(Phase.MANY, load.items(), number -> arrivals.add(System.nanoTime()));
        Map<String, Duration> cpuAtEnd = cpu.used();
        double sendingSeconds = (sending.join() - start) / 1e9;
        out.println();
        if (arrivals.count() == 0) {
            out.println("no item got a code; see item-embeddings-dlq and the indexer's log");
            return;
        }
        printRate("from the first embedding sent to the last code read", arrivals.rateSince(start), limit);
        printRate("over the middle 60 % of the codes", arrivals.middleRate(), limit);
        print("of which this command was sending", "%.1f s of %.1f s", sendingSeconds, (arrivals.last() - start) / 1e9);
        if (missing > 0) {
            print("NO CODE in a minute, see item-embeddings-dlq", "%,d items", missing);
        }
        String evaluator = awaitEvaluator(counted + arrivals.count(), arrivals.last());
        print(
                "CPU time per item",
                "%s",
                cpu.perItem(cpuAtStart, withEvaluator(cpuAtEnd, cpu.used()), arrivals.count()));
        print("evaluator", "%s", evaluator);
        print("items of the index whose nearest code was taken", "%.1f %%", 100 * evaluated.rawCollisionRate());
    }

    /** Returns how many items the index has then. */
    private long warmUp() {
        evaluated.await(Long.MAX_VALUE, System.nanoTime() + QUIET.toNanos());
        long before = evaluated.items();
        sent.put(Phase.WARM_UP, load.warmUp());
        feed.sendAll(Phase.WARM_UP, load.warmUp(), vectors.get(Phase.WARM_UP));
        int missing = codes.await(Phase.WARM_UP, load.warmUp(), number -> {});
        long counted = before + load.warmUp() - missing;
        evaluated.await(counted, System.nanoTime() + EVALUATOR_PATIENCE.toNanos());
        return counted;
    }

    /** How far the evaluator is behind, for a person. */
    private String awaitEvaluator(long items, long lastCode) {
        evaluated.await(items, lastCode + EVALUATOR_PATIENCE.toNanos());
        long behind = items - evaluated.items();
        double seconds = (System.nanoTime() - lastCode) / 1e9;
        return behind <= 0
                ? String.format(Locale.ROOT, "had counted all items %.1f s after the last code", seconds)
                : String.format(Locale.ROOT, "is %,d items behind %.0f s after the last code", behind, seconds);
    }

    /** The evaluator works on after the last code; it alone is charged for that time. */
    private static Map<String, Duration> withEvaluator(Map<String, Duration> atLastCode, Map<String, Duration> now) {
        Map<String, Duration> used = new HashMap<>(atLastCode);
        used.computeIfPresent("evaluator", (name, time) -> now.getOrDefault(name, time));
        return used;
    }

    private void printRate(String what, double rate, double limit) {
        print(what, "%,.0f items/s   %.3f of the limit", rate, rate / limit);
    }

    private void print(String what, String format, Object... values) {
        out.printf(Locale.ROOT, "  %-52s %s%n", what, String.format(Locale.ROOT, format, values));
    }

    /** Sends single items, first alone, then beside a background load if one is wanted. */
    void measureLatency() throws InterruptedException {
        if (load.singles() == 0) {
            return;
        }
        out.printf(
                Locale.ROOT,
                "%nfrom sending one embedding to reading its code, %d items about ten a second%n",
                load.singles());
        print("with no other load", "%s", latency(Phase.SINGLE).words());
        if (load.background() > 0) {
            BackgroundLoad background = new BackgroundLoad(feed, vectors.get(Phase.BACKGROUND), load.background());
            try (background) {
                Quantiles beside = latency(Phase.LOADED);
                print(
                        String.format(Locale.ROOT, "beside %,d others a second", load.background()),
                        "%s",
                        beside.words());
            } finally {
                sent.put(Phase.BACKGROUND, background.sent());
            }
        }
    }

    private Quantiles latency(Phase phase) throws InterruptedException {
        sent.put(phase, load.singles());
        return LatencyProbe.measure(
                load.singles(),
                number -> feed.send(phase, number, vectors.get(phase)),
                number -> codes.awaitOne(phase, number));
    }

    /** Deletes what this run has sent, and waits until that is done. */
    void deleteItems() {
        sent.forEach(this::delete);
    }

    private void delete(Phase phase, int count) {
        feed.deleteAll(phase, count);
        int left = codes.awaitDeletions(phase, count);
        if (left > 0) {
            out.printf(Locale.ROOT, "%,d items had no code to delete%n", left);
        }
    }

    @Override
    public void close() {
        feed.close();
        codes.close();
        evaluated.close();
    }
}
